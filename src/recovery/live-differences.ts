import type { Snapshot } from '../snapshot/snapshot.ts';
import type { TableSnapshot } from '../snapshot/table-snapshot.ts';

/** How a table of the live database differs from the restored one. A number of rows is null where it is unknown. */
export interface TableDifference {
  name: string;
  live: number | null;
  restored: number | null;
  what: 'only live' | 'only restored' | 'other number' | 'other rows';
}

type Tables = Pick<Snapshot, 'tables'>;

/** What a switch would change for the application, table by table. Equal tables are left out. Pure. */
export function compareWithLive(live: Tables, restored: Tables): TableDifference[] {
  const names = [...new Set([...restored.tables, ...live.tables].map(({ name }) => name))];
  return names.flatMap((name) => {
    const [there, here] = [live, restored].map(({ tables }) => tables.find((table) => table.name === name));
    const what = describe(there, here);
    return what === null ? [] : [{ name, live: there?.rows ?? null, restored: here?.rows ?? null, what }];
  });
}

function describe(
  live: TableSnapshot | undefined,
  restored: TableSnapshot | undefined,
): TableDifference['what'] | null {
  if (restored === undefined) return 'only live';
  if (live === undefined) return 'only restored';
  if (live.rows !== restored.rows) return 'other number';
  return live.digest === restored.digest ? null : 'other rows';
}
