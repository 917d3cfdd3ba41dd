import type pg from 'pg';
import type { DigestColumn } from './digest-query.ts';
import type { TableSnapshot } from './table-snapshot.ts';

/** A relation that holds rows, here or elsewhere, or a partitioned table, whose partitions do. */
export interface Relation {
  oid: number;
  /** See TableSnapshot.name. */
  name: string;
  /** Quoted and with its schema, for use in SQL. */
  qualifiedName: string;
  kind: TableSnapshot['kind'];
  /** False for a materialised view without data, which cannot be read. */
  populated: boolean;
  /** False for an unlogged table on a standby, which has none of its rows. */
  isHere: boolean;
  /** The extension that it is a member of. */
  extension: string | null;
  /**
   * Which rows of a member of an extension pg_dump dumps, as a WHERE clause; empty for all. Null where it dumps none: those are what
   * the extension brings.
   */
  dumped: string | null;
  /** Whether it has few rows, as far as statistics say. */
  isSmall: boolean;
  /** For a partition: the oid of the table that it is a part of. */
  partitionOf: number | null;
  /** Whether its partitions are told by a hash of the key. */
  partitionedByHash: boolean;
  /** In the order of their names. */
  columns: DigestColumn[];
}

/** Lists the user's tables, partitions, inheritance children, materialised views and foreign tables, by name. */
export async function listRelations(client: pg.Client): Promise<Relation[]> {
  const { rows } = await client.query<Relation>(relationsWithColumns);
  return rows;
}

const fewRows = 1000;

/**
 * A domain stands for its base type, through as many domains as there are. What belongs to the system or to this
 * session (temporary tables) is left out.
 */
const relationsWithColumns = `
  with recursive within (domain, type) as (
    select oid, typbasetype
    from pg_catalog.pg_type
    where typtype = 'd'
    union all
    select within.domain, inner_.typbasetype
    from within
    join pg_catalog.pg_type as inner_ on inner_.oid = within.type
    where inner_.typtype = 'd'
  ), base_type as (
    select within.domain, within.type
    from within
    join pg_catalog.pg_type as type on type.oid = within.type
    where type.typtype <> 'd'
  ), columns as (
    select
      attribute.attrelid,
      pg_catalog.json_agg(pg_catalog.json_build_object(
        'name', attribute.attname,
        'type', case when type.typnamespace = 'pg_catalog'::pg_catalog.regnamespace then type.typname end,
        'deterministic', coalesce(collation_.collisdeterministic, true)
      ) order by attribute.attname) as columns
    from pg_catalog.pg_attribute as attribute
    left join base_type on base_type.domain = attribute.atttypid
    join pg_catalog.pg_type as type on type.oid = coalesce(base_type.type, attribute.atttypid)
    left join pg_catalog.pg_collation as collation_ on collation_.oid = attribute.attcollation
    where attribute.attnum > 0
    and not attribute.attisdropped
    group by attribute.attrelid
  )
  select
    class.oid::int8::float8 as oid,
    case namespace.nspname
      when 'public' then pg_catalog.quote_ident(class.relname)
      else pg_catalog.format('%I.%I', namespace.nspname, class.relname)
    end as name,
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as "qualifiedName",
    case class.relkind
      when 'p' then 'partitioned'
      when 'm' then 'materialized view'
      when 'f' then 'foreign table'
      else 'table'
    end as kind,
    class.relispopulated as populated,
    class.relpersistence <> 'u' or not pg_catalog.pg_is_in_recovery() as "isHere",
    extension.extname::text as extension,
    extension.extcondition[pg_catalog.array_position(extension.extconfig, class.oid)] as dumped,
    class.relkind in ('r', 'm') and class.reltuples <= ${fewRows}
      and pg_catalog.pg_stat_get_live_tuples(class.oid) <= ${fewRows} as "isSmall",
    (
      select inherits.inhparent::int8::float8
      from pg_catalog.pg_inherits as inherits
      where inherits.inhrelid = class.oid
      and class.relispartition
    ) as "partitionOf",
    exists (
      select from pg_catalog.pg_partitioned_table as partitioned
      where partitioned.partrelid = class.oid
      and partitioned.partstrat = 'h'
    ) as "partitionedByHash",
    coalesce(columns.columns, '[]') as columns
  from pg_catalog.pg_class as class
  join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
  left join pg_catalog.pg_depend as member
    on member.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and member.objid = class.oid
    and member.objsubid = 0
    and member.deptype = 'e'
  left join pg_catalog.pg_extension as extension on extension.oid = member.refobjid
  left join columns on columns.attrelid = class.oid
  where class.relkind in ('r', 'p', 'm', 'f')
  and class.relpersistence <> 't'
  and namespace.nspname not in ('pg_catalog', 'information_schema')
  and namespace.nspname not like 'pg\\_toast%'
  order by namespace.nspname, class.relname`;
