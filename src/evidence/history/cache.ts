import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { replaceFile } from '../../system/durable.ts';
import { runSummary } from './run-summary.ts';

/** Grows with every change of what a summary holds. */
const cacheVersion = 1;

const cachedRun = z.strictObject({
  /** Which state of evidence.json it is of; see read-history.ts. */
  stamp: z.string(),
  summary: runSummary,
  page: z.string(),
});

const cache = z.strictObject({ version: z.literal(cacheVersion), runs: z.record(z.string(), cachedRun) });

export type CachedRun = z.output<typeof cachedRun>;

/** Summaries by directory, so that evidence which nobody has touched need not be read again. It can be removed at any time. */
const cacheFile = '.history.json';

/** What cannot be read is as good as nothing: the evidence has it all. */
export async function readCache(reports: string): Promise<ReadonlyMap<string, CachedRun>> {
  const text = await readFile(join(reports, cacheFile), 'utf8').catch(() => '');
  try {
    return new Map(Object.entries(cache.parse(JSON.parse(text)).runs));
  } catch {
    return new Map();
  }
}

export async function writeCache(reports: string, runs: ReadonlyMap<string, CachedRun>): Promise<void> {
  const content = JSON.stringify({ version: cacheVersion, runs: Object.fromEntries(runs) });
  await replaceFile(join(reports, cacheFile), content);
}
