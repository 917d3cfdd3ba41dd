import type { HistoryEntry } from '../../history/read-history.ts';

/** The runs of one rehearsal of one database. */
export interface Series {
  rehearsal: string;
  database: string;
  /** The newest first. */
  runs: [HistoryEntry, ...HistoryEntry[]];
}

/** What stands for a database that the evidence does not name. */
export const unnamed = 'not named';

/** What belongs together, by database and rehearsal. Pure. */
export function groupRuns(runs: HistoryEntry[]): Series[] {
  const groups = new Map<string, Series>();
  for (const run of runs) {
    const database = run.database ?? unnamed;
    const key = JSON.stringify([database, run.rehearsal]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { rehearsal: run.rehearsal, database, runs: [run] });
    else group.runs.push(run);
  }
  return [...groups.values()].toSorted((a, b) => compare(a.database, b.database) || compare(a.rehearsal, b.rehearsal));
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
