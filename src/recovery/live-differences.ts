import { compareSchemas } from '../snapshot/compare-schema.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { TableSnapshot } from '../snapshot/table-snapshot.ts';
import { isOfPrivileges } from './verify.ts';

/** How a table of the live database differs from the restored one. A number of rows is null where it is unknown. */
export interface TableDifference {
  name: string;
  live: number | null;
  restored: number | null;
  what: 'only live' | 'only restored' | 'other number' | 'other rows';
}

type Tables = Pick<Snapshot, 'tables'>;

/** A definition of the live database that the restored one has not, or has otherwise; or the other way round. */
export interface DefinitionDifference {
  /** `EVENT TRIGGER audit`, `PUBLICATION all_tables`, `FUNCTION settle(integer)` */
  object: string;
  what: 'only live' | 'only restored' | 'other definition';
}

const byKind = { missing: 'only live', unexpected: 'only restored', changed: 'other definition' } as const;

/** What a switch would change in definitions, in the order of their names; rights are told of elsewhere. Both with owners, or without. Pure. */
export function compareDefinitions(
  live: Pick<Snapshot, 'schema'>,
  restored: Pick<Snapshot, 'schema'>,
): DefinitionDifference[] {
  return compareSchemas(live.schema, restored.schema)
    .filter((difference) => !isOfPrivileges(difference))
    .map(({ rule, object, kind }) => ({
      object: `${rule.replace(/_(?:MISSING|UNEXPECTED|CHANGED)$/, '').replaceAll('_', ' ')} ${object}`,
      what: byKind[kind],
    }))
    .toSorted((a, b) => (a.object < b.object ? -1 : 1));
}

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
