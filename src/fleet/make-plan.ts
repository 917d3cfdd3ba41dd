import type { Overrides } from '../config/merge-profile.ts';
import type { Profile } from '../config/profile.ts';
import { latestAfterMs } from '../evidence/cadence.ts';
import { combineVerdicts } from '../evidence/verdict.ts';
import { estimateRoom } from '../rehearsal/room.ts';
import type { History, LastRun } from './history.ts';
import { inOrder } from './order.ts';
import { sealPlan, type Plan, type PlannedDatabase } from './plan.ts';

/** One database with what its profile says, and what is known of its size. */
export interface Candidate {
  name: string;
  profile: Pick<Profile, 'database' | 'postgres'>;
  rehearsals: string[];
  size: Size | null;
  overrides: Overrides;
}

/** How large a database is once it is restored, and who says it. */
export interface Size {
  bytes: number;
  by: string;
}

export interface PlanOptions {
  profile: string;
  now: Date;
  frequencyMs: number | null;
  leftOut: Plan['leftOut'];
}

/** Decides what is rehearsed, in which order, and what it takes. What comes in another order gives the same plan. Pure. */
export function makePlan(candidates: readonly Candidate[], history: History, options: PlanOptions): Plan {
  const { profile, now, frequencyMs, leftOut } = options;
  const known = candidates.map((candidate) => ({ candidate, runs: runsOf(candidate, history) }));
  const pace = paceOf(known);
  const databases = known.map(({ candidate, runs }): PlannedDatabase => {
    const { name, rehearsals, size, overrides } = candidate;
    const { database, postgres } = candidate.profile;
    return {
      ...{ name, database: database.name, rehearsals, engine: postgres.engine, image: postgres.image },
      ...{ sizeBytes: size?.bytes ?? null, sizeBy: size?.by ?? null },
      ...expectTime(candidate, runs, pace),
      diskBytes: size === null ? null : roomFor(size.bytes),
      ...dueSince(runs, frequencyMs, now),
      overrides: overrides as PlannedDatabase['overrides'],
    };
  });
  return sealPlan({
    ...{ planVersion: 1, profile, createdAt: now.toISOString(), frequencyMs },
    databases: inOrder(databases),
    leftOut: leftOut.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  });
}

/** Of each rehearsal that is planned; null where one never ran. */
function runsOf({ name, rehearsals }: Candidate, history: History): (LastRun | null)[] {
  return rehearsals.map((rehearsal) => history.lastRunOf(name, rehearsal));
}

function roomFor(databaseBytes: number): number {
  return estimateRoom({ dumpBytes: databaseBytes, isPacked: false, databaseBytes }).likelyBytes;
}

/** A database is as late as the latest of its rehearsals. */
function dueSince(
  runs: (LastRun | null)[],
  frequencyMs: number | null,
  now: Date,
): Pick<PlannedDatabase, 'lastRun' | 'overdueMs'> {
  const ran = runs.filter((run) => run !== null);
  const times = ran.map((run) => run.startedAt.getTime());
  const oldest = times.length === 0 ? null : new Date(Math.min(...times));
  const verdict = combineVerdicts(ran.map((run) => run.verdict));
  const lastRun = oldest === null ? null : { startedAt: oldest.toISOString(), verdict };
  if (oldest === null || ran.length < runs.length) return { lastRun, overdueMs: null };
  if (frequencyMs === null) return { lastRun, overdueMs: 0 };
  return { lastRun, overdueMs: Math.max(0, now.getTime() - oldest.getTime() - latestAfterMs(frequencyMs)) };
}

/** What is known of how long rehearsals take here. */
interface Pace {
  /** The middle one of those that ran. */
  middleMs: number | null;
  /** For a byte of the database, beyond what each takes; null where no run has a size. */
  perByteMs: number | null;
}

/** What a rehearsal takes without any rows: a server, a restore, a comparison. An estimate: 5 to 8 s were seen on two cores. */
const fixedMs = 8000;
/** Where no run says it: 25 MB/s for dump or fetch, restore, indexes, two readings. */
const usualPerByteMs = 1 / 25_000;

function paceOf(known: { candidate: Candidate; runs: (LastRun | null)[] }[]): Pace {
  const times = known.flatMap(({ runs }) => tookOf(runs) ?? []);
  const rates = known.flatMap(({ candidate: { size }, runs }) => {
    const tookMs = tookOf(runs);
    if (tookMs === null || size === null || size.bytes < smallestForRate) return [];
    return [Math.max(0, tookMs - fixedMs * runs.length) / size.bytes];
  });
  return { middleMs: middleOf(times), perByteMs: middleOf(rates) };
}

/** The time of a smaller one says nothing of its bytes. */
const smallestForRate = 100e6;

function tookOf(runs: (LastRun | null)[]): number | null {
  const times = runs.map((run) => run?.tookMs ?? null).filter((tookMs) => tookMs !== null);
  return times.length < runs.length ? null : times.reduce((sum, tookMs) => sum + tookMs, 0);
}

function middleOf(values: number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

function expectTime(
  { rehearsals, size }: Candidate,
  runs: (LastRun | null)[],
  { middleMs, perByteMs }: Pace,
): Pick<PlannedDatabase, 'expectedMs' | 'expectedBy'> {
  const tookMs = tookOf(runs);
  if (tookMs !== null) return { expectedMs: tookMs, expectedBy: 'its last run' };
  if (size !== null) {
    const eachMs = fixedMs + size.bytes * (perByteMs ?? usualPerByteMs);
    const expectedBy = perByteMs === null ? 'its size' : 'its size, and what others took for theirs';
    return { expectedMs: Math.round(eachMs * rehearsals.length), expectedBy };
  }
  if (middleMs !== null) return { expectedMs: middleMs, expectedBy: 'what others took' };
  return { expectedMs: fixedMs * rehearsals.length, expectedBy: 'nothing: what a small one takes' };
}
