import type { HistoryEntry } from '../../history/read-history.ts';
import { combineVerdicts } from '../../verdict.ts';
import type { Verdict } from '../../schema.ts';

/** A day in UTC, and what came of its rehearsals together. */
export interface Day {
  date: string;
  verdict: Verdict;
  runs: number;
}

/** Pure. */
export function worstByDay(runs: Pick<HistoryEntry, 'startedAt' | 'verdict'>[]): Day[] {
  const days = new Map<string, Verdict[]>();
  for (const { startedAt, verdict } of runs) {
    const date = startedAt.slice(0, 10);
    days.set(date, [...(days.get(date) ?? []), verdict]);
  }
  return [...days].map(([date, verdicts]) => ({ date, verdict: combineVerdicts(verdicts), runs: verdicts.length }));
}
