import type { Evidence } from '../schema.ts';
import { combineVerdicts } from '../verdict.ts';
import { json } from './json.ts';
import { latest } from './latest.ts';
import { markdown } from './markdown.ts';
import type { FileSink, FinishedRun, RunSink, Sink } from './sink.ts';
import { terminal } from './terminal.ts';

type SinkId = 'json' | 'markdown' | 'latest' | 'terminal';

/** Every output of a run, in the order in which they are published. */
const sinks: Readonly<Record<SinkId, Sink>> = { json, markdown, latest, terminal };

/** The files of the evidence, by name. Pure. */
export function renderFiles(evidence: Evidence, signedBy: string | null): Record<string, string> {
  const files = Object.values(sinks).filter((sink): sink is FileSink => 'file' in sink);
  return Object.fromEntries(files.map(({ file, render }) => [file, render(evidence, signedBy)]));
}

/**
 * Publishes a run whose evidence has been written. A sink that fails does not stop the others.
 * @throws what the first of them has thrown, once all are done
 */
export async function publishRun(run: Omit<FinishedRun, 'verdict'>): Promise<void> {
  const verdict = combineVerdicts(run.outcomes.map(({ evidence }) => evidence.verdict));
  const publishers = Object.values(sinks).filter((sink): sink is RunSink => 'publish' in sink);
  await publishAll(publishers, { ...run, verdict });
}

/** Each in its turn. */
export async function publishAll(publishers: RunSink[], run: FinishedRun): Promise<void> {
  const errors: unknown[] = [];
  for (const { publish } of publishers) {
    try {
      await publish(run);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
