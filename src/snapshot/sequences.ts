import pg from 'pg';
import { queryRows } from './query-rows.ts';
import type { SequenceReading, SequenceSnapshot } from './snapshot.ts';

interface SequenceRow {
  name: string;
  qualifiedName: string;
  increment: string;
  cycles: boolean;
  feeds: Feed[];
}

/** A column, and the tables that hold its values: a partitioned table has none of its own. */
interface Feed {
  schema: string;
  table: string;
  column: string;
  /** Quoted and with their schemas, for use in SQL. */
  holders: string[];
}

/** Reads all sequences: their position, and the values in the columns they feed. `to` is the same reading as `from`. */
export async function readSequences(client: pg.Client): Promise<SequenceSnapshot[]> {
  const { rows } = await client.query<SequenceRow>(sequencesWithColumns);
  const sequences: SequenceSnapshot[] = [];
  for (const { name, qualifiedName, increment, cycles, feeds } of rows) {
    const reading = await readPosition(client, qualifiedName);
    const extremes: SequenceSnapshot['feeds'] = [];
    for (const feed of feeds) extremes.push(await readExtreme(client, feed, increment.startsWith('-')));
    sequences.push({ name, from: reading, to: reading, increment, cycles, feeds: extremes });
  }
  return sequences;
}

/** Reads the positions again, after a dump: `to` is then where a sequence was at the latest when the dump read it. */
export async function rereadSequences(client: pg.Client, sequences: SequenceSnapshot[]): Promise<void> {
  const { rows } = await client.query<SequenceRow>(sequencesWithColumns);
  for (const { name, qualifiedName } of rows) {
    const known = sequences.find((sequence) => sequence.name === name);
    if (known !== undefined) known.to = await readPosition(client, qualifiedName);
  }
}

async function readPosition(client: pg.Client, qualifiedName: string): Promise<SequenceReading> {
  const { rows } = await client.query<SequenceReading>(
    `select last_value::text as "lastValue", is_called as "isCalled" from ${qualifiedName}`,
  );
  const [reading] = rows;
  if (reading === undefined) throw new Error(`The sequence ${qualifiedName} has no position.`);
  return reading;
}

/** Children of a table are left out: where the sequence feeds them as well, they are asked for themselves. */
async function readExtreme(client: pg.Client, feed: Feed, descending: boolean) {
  const { schema, table, column, holders } = feed;
  const extreme = `pg_catalog.${descending ? 'min' : 'max'}`;
  const parts = holders.map(
    (holder) => `select ${extreme}(${pg.escapeIdentifier(column)}) as value from only ${holder}`,
  );
  const values = parts.length === 0 ? 'select null::int8 as value' : parts.join(' union all ');
  const [row] = await queryRows<{ extreme: string | null }>(
    client,
    `select ${extreme}(value)::text as extreme from (${values}) as part`,
  );
  return { column: `${schema === 'public' ? '' : `${schema}.`}${table}.${column}`, extreme: row?.extreme ?? null };
}

function isHere(relation: string): string {
  return `(${relation}.relpersistence <> 'u' or not pg_catalog.pg_is_in_recovery())`;
}

/**
 * The columns of integer type that a sequence feeds: it belongs to them (serial, identity), or their default asks it.
 * Foreign tables and partitions are left out: they cannot be read here. Nor can what is unlogged, on a standby.
 */
const sequencesWithColumns = `
  select
    case namespace.nspname
      when 'public' then pg_catalog.quote_ident(class.relname)
      else pg_catalog.format('%I.%I', namespace.nspname, class.relname)
    end as name,
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as "qualifiedName",
    sequence.seqincrement::text as increment,
    sequence.seqcycle as cycles,
    coalesce((
      select pg_catalog.json_agg(distinct pg_catalog.jsonb_build_object(
        'schema', table_namespace.nspname, 'table', fed.relname, 'column', attribute.attname,
        'holders', case fed.relkind
          when 'r' then pg_catalog.jsonb_build_array(pg_catalog.format('%I.%I', table_namespace.nspname, fed.relname))
          else coalesce((
            select pg_catalog.jsonb_agg(pg_catalog.format('%I.%I', part_namespace.nspname, part.relname))
            from pg_catalog.pg_partition_tree(fed.oid) as tree
            join pg_catalog.pg_class as part on part.oid = tree.relid and part.relkind = 'r' and ${isHere('part')}
            join pg_catalog.pg_namespace as part_namespace on part_namespace.oid = part.relnamespace
          ), '[]')
        end
      ))
      from (
        select refobjid as relation, refobjsubid as number
        from pg_catalog.pg_depend
        where classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and objid = class.oid
        and refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and refobjsubid > 0
        and deptype in ('a', 'i')
        union
        select attrdef.adrelid, attrdef.adnum
        from pg_catalog.pg_depend
        join pg_catalog.pg_attrdef as attrdef on attrdef.oid = pg_depend.objid
        where classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
        and refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and refobjid = class.oid
      ) as feed
      join pg_catalog.pg_class as fed on fed.oid = feed.relation
      join pg_catalog.pg_namespace as table_namespace on table_namespace.oid = fed.relnamespace
      join pg_catalog.pg_attribute as attribute on attribute.attrelid = feed.relation and attribute.attnum = feed.number
      where attribute.atttypid in (20, 21, 23)
      and fed.relkind in ('r', 'p')
      and ${isHere('fed')}
    ), '[]') as feeds
  from pg_catalog.pg_sequence as sequence
  join pg_catalog.pg_class as class on class.oid = sequence.seqrelid
  join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
  where class.relpersistence <> 't'
  and ${isHere('class')}
  order by namespace.nspname, class.relname`;
