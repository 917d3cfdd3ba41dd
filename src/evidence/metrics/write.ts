import { chmod, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { draftPath } from '../../system/drafts.ts';
import { syncDirectory, writeSynced } from '../../system/durable.ts';
import { withFileLock } from '../../system/file-lock.ts';
import { parseMoment } from '../../terminal/parse-moment.ts';
import { NotDelivered } from '../delivery/send.ts';
import { findRunBefore } from '../ledger/run-before.ts';
import type { Evidence } from '../schema.ts';
import { identityOf, isOf, samplesOf, type Sample } from './samples.ts';
import { parseMetrics, renderMetrics } from './text.ts';

/** Where metrics go, and what the profile says of them. */
export interface MetricsFile {
  file: string;
  /** How often the profile wants rehearsals; null where it does not say it. */
  frequencyMs: number | null;
}

const patienceMs = 10_000;

/**
 * Puts what rehearsals came to into a file for node_exporter's textfile collector. What the file has of other databases and
 * rehearsals stays there, and so does the last success of these.
 * @param reports where the ledger is
 * @throws NotDelivered where the file is something else, or cannot be written
 */
export async function writeMetrics(to: MetricsFile, reports: string, all: Evidence[]): Promise<void> {
  try {
    await merge(to, reports, all);
  } catch (error) {
    if (error instanceof NotDelivered) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${to.file} cannot be written: ${reason}. Make its directory, and let this account write there.`;
    throw new NotDelivered(message, { cause: error });
  }
}

async function merge({ file, frequencyMs }: MetricsFile, reports: string, all: Evidence[]): Promise<void> {
  const lock = join(dirname(file), `.${basename(file)}.lock`);
  await withFileLock(lock, patienceMs, async () => {
    const earlier = await readEarlier(file);
    let samples = earlier;
    for (const evidence of all) {
      const lastSuccess = await findLastSuccess(evidence, samples, reports);
      const identity = identityOf(evidence);
      const others = samples.filter((sample) => !isOf(sample, identity));
      samples = [...others, ...samplesOf({ evidence, lastSuccess, frequencyMs })];
    }
    await replace(file, await renderMetrics(samples));
  });
}

async function readEarlier(file: string): Promise<Sample[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return '';
  });
  const samples = parseMetrics(text);
  if (samples !== null) return samples;
  throw new NotDelivered(`${file} holds something that no rehearsal writes, and is left as it is. Name another file.`);
}

/** By the file, which may be older than the ledger, or by the ledger, which may be older than the file. */
async function findLastSuccess(evidence: Evidence, samples: Sample[], reports: string): Promise<number> {
  const { id, rehearsal, about, verdict, finishedAt } = evidence;
  if (verdict === 'verified') return Date.parse(finishedAt) / 1000;
  const identity = identityOf(evidence);
  const kept = samples.find(
    (sample) => sample.name === 'restore_rehearsal_last_success_timestamp_seconds' && isOf(sample, identity),
  );
  const wanted = { id, rehearsal, database: about?.database ?? null, verdict: 'verified' } as const;
  const line = await findRunBefore(reports, wanted);
  const started = line === null ? null : parseMoment(line.directory.slice(0, '20260209T094803Z'.length));
  return Math.max(kept?.value ?? 0, (started?.getTime() ?? 0) / 1000);
}

/** In one step, and readable for node_exporter, which is another account. Drafts do not end in .prom, which it looks for. */
async function replace(file: string, content: string): Promise<void> {
  const draft = await draftPath(dirname(file), basename(file));
  try {
    await writeSynced(draft, content);
    await chmod(draft, 0o644);
    await rename(draft, file);
    await syncDirectory(dirname(file));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
