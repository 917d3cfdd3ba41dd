import type pg from 'pg';
import type { Majors } from '../../snapshot/printed-otherwise.ts';
import { userSchema } from '../../snapshot/sql-names.ts';

/** Something that pg_upgrade refuses, though a dump and a restore take it. */
export interface InPlaceBlocker {
  object: string;
  why: string;
}

interface Rule {
  /** The first major into which pg_upgrade refuses it; null where it always does. */
  since: number | null;
  types: readonly string[];
  why: string;
}

/** Columns of types whose stored form means nothing to another major. By the checks of pg_upgrade (check.c, version.c). */
const rules: readonly Rule[] = [
  {
    since: 16,
    types: ['aclitem'],
    why: 'values of aclitem are stored otherwise since PostgreSQL 16',
  },
  {
    since: null,
    types: [
      'regcollation',
      'regnamespace',
      'regoper',
      'regoperator',
      'regproc',
      'regprocedure',
      'regdictionary',
      'regconfig',
    ],
    why: 'it stores numbers of objects, which are others in the new server',
  },
];

/** Columns that keep pg_upgrade, the way in place, from this database. A dump writes their values as text. */
export async function findInPlaceBlockers(client: pg.Client, { from, to }: Majors): Promise<InPlaceBlocker[]> {
  const found: InPlaceBlocker[] = [];
  for (const { since, types, why } of rules) {
    if (since !== null && !(from < since && since <= to)) continue;
    const { rows } = await client.query<{ object: string; type: string }>(columnsOfTypes, [
      types.flatMap((type) => [type, `_${type}`]),
    ]);
    found.push(...rows.map(({ object, type }) => ({ object, why: `${object} is of the type ${type}: ${why}` })));
  }
  return found;
}

const columnsOfTypes = `
  select
    pg_catalog.format('%I.%I.%I', namespace.nspname, class.relname, attribute.attname) as object,
    pg_catalog.format_type(type.oid, null) as type
  from pg_catalog.pg_attribute as attribute
  join pg_catalog.pg_class as class on class.oid = attribute.attrelid
  join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
  join pg_catalog.pg_type as type on type.oid = attribute.atttypid
  join pg_catalog.pg_namespace as type_namespace on type_namespace.oid = type.typnamespace
  where class.relkind in ('r', 'm', 'i', 'p')
  and not attribute.attisdropped
  and type_namespace.nspname = 'pg_catalog'
  and type.typname = any ($1)
  and ${userSchema}
  order by object`;
