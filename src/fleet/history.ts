import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drillKey } from '../evidence/ledger/drills.ts';
import { isRun, type RunLine } from '../evidence/ledger/line.ts';
import { readLedger } from '../evidence/ledger/read-ledger.ts';
import { startedAt } from '../evidence/ledger/started-at.ts';
import { parseEvidence } from '../evidence/parse.ts';
import type { Verdict } from '../evidence/schema.ts';

/** The last run of one rehearsal of one database. */
export interface LastRun {
  startedAt: Date;
  verdict: Verdict;
  /** Null where its evidence cannot be read. */
  tookMs: number | null;
}

/** The last runs in a ledger. */
export interface History {
  lastRunOf: (database: string, rehearsal: string) => LastRun | null;
}

/** Reads when each database was last rehearsed, and how long that took. A ledger that is broken is read up to there. */
export async function readLastRuns(reports: string): Promise<History> {
  const last = new Map<string, RunLine>();
  for (const line of (await readLedger(reports))?.lines.filter(isRun) ?? []) {
    const known = last.get(drillKey(line));
    // Parts are merged in any order.
    if (known === undefined || startedAt(line) >= startedAt(known)) last.set(drillKey(line), line);
  }
  const runs = new Map<string, LastRun>();
  for (const [key, line] of last) runs.set(key, await readRun(reports, line));
  return { lastRunOf: (database, rehearsal) => runs.get(drillKey({ database, rehearsal })) ?? null };
}

async function readRun(reports: string, line: RunLine): Promise<LastRun> {
  const bytes = await readFile(join(reports, line.directory, 'evidence.json')).catch(() => '');
  const evidence = parseEvidence(bytes);
  const tookMs = evidence === null ? null : Date.parse(evidence.finishedAt) - Date.parse(evidence.startedAt);
  return { startedAt: startedAt(line), verdict: line.verdict, tookMs: tookMs === null ? null : Math.max(0, tookMs) };
}
