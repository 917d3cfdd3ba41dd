import { count } from '../terminal/count.ts';
import type { Evidence } from './schema.ts';
import { typedAnywhere } from '../terminal/suggest.ts';

const hourMs = 3_600_000;

/**
 * How long after one rehearsal the next one may start. A tenth more than the frequency, and an hour at least: a nightly job starts
 * some minutes later than the night before, and clocks change by an hour. Never more than twice the frequency. Pure.
 */
export function latestAfterMs(frequencyMs: number): number {
  return frequencyMs + Math.min(frequencyMs, Math.max(frequencyMs / 10, hourMs));
}

const units = [
  ['day', 24 * hourMs],
  ['hour', hourMs],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** `62 days`, `26 hours`: in the largest unit that it has two of. Pure. */
export function span(ms: number): string {
  const [name, unitMs] = units.find(([, length]) => ms >= 2 * length) ?? ['second', 1000];
  return count(Math.floor(Math.max(0, ms) / unitMs), name);
}

/**
 * What the time since the rehearsal before says: a drill that was silent for too long, or a clock that went backwards. It is
 * nothing against the backup. Pure.
 * @param before when that one started; null where there was none
 */
export function findGap(
  { startedAt, finishedAt, rehearsal, about }: Pick<Evidence, 'startedAt' | 'finishedAt' | 'rehearsal' | 'about'>,
  before: Date | null,
  frequencyMs: number | null,
): Evidence['findings'][number] | null {
  if (before === null) return null;
  const gapMs = Date.parse(startedAt) - before.getTime();
  const object = `${rehearsal}${about === null ? '' : ` of ${about.database}`}`;
  const common = { severity: 'warning' as const, object, diff: null };
  // Two that ran at the same time may have started in the other order.
  if (before.getTime() > Date.parse(finishedAt)) {
    return {
      ...common,
      rule: 'CLOCK_BACKWARDS',
      message: `The rehearsal before this one started at ${before.toISOString()}, after the end of this one: one of the two clocks was wrong.`,
      remedy: 'See to the clock of the machine that rehearses: times and ages in its evidence cannot be relied on.',
    };
  }
  if (frequencyMs === null || gapMs <= latestAfterMs(frequencyMs)) return null;
  return {
    ...common,
    rule: 'DRILL_GAP',
    message: `${span(gapMs)} between this rehearsal and the one before, which started at ${before.toISOString()}; the profile asks for one every ${span(frequencyMs)}.`,
    remedy: `Find out why none ran in between. ${typedAnywhere('evidence status')}, as a job of its own, says so while it lasts.`,
  };
}
