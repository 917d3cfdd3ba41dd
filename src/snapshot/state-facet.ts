import type { CheckId, Found, Origin } from './difference.ts';
import type { Facet, Reading } from './facet.ts';

/** What is the same on both sides, by object. */
export type Values = Record<string, string>;

/** A thing that `pg_dump --schema-only` leaves out of a database, or prints in a way that hides whether it works. */
interface StateDescription {
  check?: CheckId;
  origin?: Origin | ((value: StateDifference) => Origin);
  covers: string;
  ownership?: 'preserve';
  /** Whether an object that is on one side only shows in the definitions, and is left to those. */
  isDefined?: boolean;
  /** Makes values of different versions of PostgreSQL comparable. */
  normalise?: (values: Values) => Values;
  remedy: string | ((difference: StateDifference) => string);
  /** See Difference. */
  isTolerable?: true;
  /** Gives the columns `object` and `value`, both text. */
  sql: string;
  /** The same, of owners and privileges. */
  ownersSql?: string;
}

type StateDifference = Pick<Found, 'kind' | 'object' | 'expected' | 'actual'>;

/** A facet that is read with one query, and compared object by object. */
export function stateFacet(description: StateDescription): Facet<Values> {
  const { check = 'state', covers, ownership } = description;
  const { origin = 'backup' } = description;
  return {
    checks: [check],
    origin: typeof origin === 'string' ? origin : 'backup',
    covers,
    ...(ownership && { ownership }),
    read: (reading) => readValues(description, reading),
    compare: (before, after, id) => {
      const found = compareValues(description, before, after, id);
      return typeof origin === 'string' ? found : found.map((each) => ({ ...each, origin: origin(each) }));
    },
  };
}

async function readValues({ sql, ownersSql }: StateDescription, { client, ownership }: Reading): Promise<Values> {
  const queries = [sql, ...(ownersSql !== undefined && ownership === 'preserve' ? [ownersSql] : [])];
  const entries: [string, string][] = [];
  for (const query of queries) {
    const { rows } = await client.query<{ object: string; value: string }>(query);
    entries.push(...rows.map(({ object, value }): [string, string] => [object.replace(/^public\./, ''), value]));
  }
  return Object.fromEntries(entries);
}

function compareValues(description: StateDescription, source: Values, restored: Values, id: string): Found[] {
  const { isDefined, isTolerable, remedy, normalise = (values: Values) => values } = description;
  const [before, after] = [normalise(source), normalise(restored)];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((object) => {
    const [expected, actual] = [before, after].map((values) =>
      Object.hasOwn(values, object) ? values[object] : undefined,
    );
    const kind = expected === undefined ? 'unexpected' : actual === undefined ? 'missing' : 'changed';
    if (expected === actual || (isDefined === true && kind !== 'changed')) return [];
    const shown = { expected: expected ?? 'none', actual: actual ?? 'none' };
    const difference = { kind, object, ...shown } as const;
    const next = typeof remedy === 'string' ? remedy : remedy(difference);
    return [
      {
        ...difference,
        rule: `${id}_${kind.toUpperCase()}`,
        severity: 'error' as const,
        remedy: next,
        ...(isTolerable && { isTolerable }),
      },
    ];
  });
}
