import { latestAfterMs } from '../cadence.ts';
import type { Verdict } from '../schema.ts';
import { isNote, isRun, type LedgerLine, type RunLine } from './line.ts';
import { startedAt } from './started-at.ts';

/** What is known of one database and one way to rehearse it. */
export interface DrillStatus {
  /** Null in evidence that does not say it. */
  database: string | null;
  rehearsal: string;
  state: DrillState;
  /** The last run was longer ago than the frequency allows, whatever came of it. */
  overdue: boolean;
  runs: number;
  lastRun: SeenRun | null;
  lastVerified: SeenRun | null;
  /** Who has retired it, and when; null where it goes on. */
  retired: { by: string; at: string } | null;
}

/** The verdict of the last run; `retired` where somebody has said that it ends. */
export type DrillState = Verdict | 'retired' | 'never-ran';

export interface SeenRun {
  id: string;
  directory: string;
  startedAt: string;
  agoMs: number;
  verdict: Verdict;
}

export interface StatusOptions {
  frequencyMs: number | null;
  now: Date;
}

/** What the ledger says of every database and rehearsal that it knows, by name. Pure. */
export function drillsOf(lines: LedgerLine[], options: StatusOptions): DrillStatus[] {
  const drills = new Map<string, RunLine[]>();
  for (const line of lines.filter(isRun)) {
    const key = drillKey(line);
    const runs = drills.get(key) ?? [];
    runs.push(line);
    drills.set(key, runs);
  }
  const keys = [...drills.keys()].toSorted();
  return keys.map((key) => statusOf(drills.get(key) ?? [], lines, options));
}

/** Which lines are of the same drill. Pure. */
export function drillKey({ database, rehearsal }: Pick<RunLine, 'database' | 'rehearsal'>): string {
  return JSON.stringify([database ?? '', rehearsal]);
}

/** A drill that was to run, and has left no line. Pure. */
export function neverRan(database: string, rehearsal: string): DrillStatus {
  const nothing = { runs: 0, lastRun: null, lastVerified: null, retired: null };
  return { database, rehearsal, state: 'never-ran', overdue: true, ...nothing };
}

/** Whether a drill is as it has to be. Pure. */
export function isAlive({ state, overdue }: DrillStatus): boolean {
  return state === 'retired' || (state === 'verified' && !overdue);
}

function statusOf(runs: RunLine[], lines: LedgerLine[], { frequencyMs, now }: StatusOptions): DrillStatus {
  const { database = null, rehearsal = '' } = runs[0] ?? {};
  const seen = runs.map((line) => see(line, now)).toSorted((a, b) => b.agoMs - a.agoMs);
  // A start in the future is none to count on: it would hide that nothing runs.
  const past = seen.filter(({ agoMs }) => agoMs >= -clockSlackMs);
  const lastRun = past.at(-1) ?? null;
  const lastNumber = runs.at(-1)?.number ?? 0;
  const ids = new Set(runs.map(({ id }) => id));
  const retiring = lines.filter(isNote).findLast(({ about, retires }) => retires && ids.has(about));
  const isRetired = retiring !== undefined && retiring.number > lastNumber;
  return {
    database,
    rehearsal,
    state: isRetired ? 'retired' : (lastRun?.verdict ?? 'never-ran'),
    overdue: !isRetired && (lastRun === null || (frequencyMs !== null && lastRun.agoMs > latestAfterMs(frequencyMs))),
    runs: runs.length,
    lastRun,
    lastVerified: past.findLast(({ verdict }) => verdict === 'verified') ?? null,
    retired: isRetired ? { by: retiring.by, at: retiring.writtenAt } : null,
  };
}

/** Clocks of two machines are never quite the same. */
export const clockSlackMs = 60_000;

function see(line: RunLine, now: Date): SeenRun {
  const start = startedAt(line);
  const { id, directory, verdict } = line;
  return { id, directory, startedAt: start.toISOString(), agoMs: now.getTime() - start.getTime(), verdict };
}
