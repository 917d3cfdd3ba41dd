import type { Evidence } from '../schema.ts';
import { combineVerdicts } from '../verdict.ts';
import { deliverAll } from '../delivery/deliver.ts';
import { heartbeat } from './heartbeat.ts';
import { history } from './history.ts';
import { json } from './json.ts';
import { latest } from './latest.ts';
import { markdown } from './markdown.ts';
import { metrics } from './metrics.ts';
import { page } from './page.ts';
import {
  nowhere,
  type DeliverySink,
  type Destinations,
  type FileSink,
  type FinishedRun,
  type RunSink,
  type Sink,
} from './sink.ts';
import { stepSummary } from './step-summary.ts';
import { terminal } from './terminal.ts';
import { webhook } from './webhook.ts';

type SinkId =
  | 'json'
  | 'markdown'
  | 'page'
  | 'latest'
  | 'history'
  | 'terminal'
  | 'stepSummary'
  | 'metrics'
  | 'webhook'
  | 'heartbeat';

/** Every output of a run, in the order in which they are published. */
const sinks: Readonly<Record<SinkId, Sink>> = {
  json,
  markdown,
  page,
  latest,
  history,
  terminal,
  stepSummary,
  metrics,
  webhook,
  heartbeat,
};

/** The files of the evidence, by name. Pure. */
export async function renderFiles(evidence: Evidence, signedBy: string | null): Promise<Record<string, string>> {
  const files = Object.values(sinks).filter((sink): sink is FileSink => 'file' in sink);
  const rendered = files.map(async ({ file, render }) => [file, await render(evidence, signedBy)] as const);
  return Object.fromEntries(await Promise.all(rendered));
}

/** A run as it ends, without what follows from it. */
type EndedRun = Omit<FinishedRun, 'verdict' | 'destinations' | 'remarks'> & { destinations?: Destinations };

/**
 * Publishes a run whose evidence has been written. A sink that fails does not stop the others.
 * @throws what the first of them has thrown, once all are done; never what could not be delivered
 */
export async function publishRun(run: EndedRun): Promise<void> {
  const verdict = combineVerdicts(run.outcomes.map(({ evidence }) => evidence.verdict));
  const finished = { destinations: nowhere, ...run, verdict, remarks: [] };
  const publishers = Object.values(sinks).filter((sink): sink is RunSink => 'publish' in sink);
  const deliveries = Object.entries(sinks).filter((entry): entry is [string, DeliverySink] => 'deliver' in entry[1]);
  try {
    await publishAll(publishers, finished);
  } finally {
    await deliverAll(Object.fromEntries(deliveries), finished);
  }
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
