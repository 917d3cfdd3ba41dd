import type pg from 'pg';

/** What has to be known of a table to compare its rows, or to bring some back. */
export interface TableShape {
  /** In the table's order. */
  columns: { name: string; generated: boolean; alwaysIdentity: boolean; serial: boolean }[];
  /** The columns of its primary key, or of a unique index that lets no null in; null where it has neither. */
  key: string[] | null;
  /** Whether something that is unique is only checked in the end: ON CONFLICT refuses such a table. */
  deferrable: boolean;
  /** Tables that its foreign keys refer to, as SQL names them. */
  refersTo: string[];
}

/** The shape of a table; null where there is none. @param name as SQL names it, with its schema */
export async function readShape(client: pg.Client, name: string): Promise<TableShape | null> {
  const { rows } = await client.query<TableShape>(shapeQuery, [name]);
  return rows[0] ?? null;
}

const shapeQuery = `
  select
    (
      select coalesce(
        pg_catalog.json_agg(
          pg_catalog.json_build_object(
            'name', attribute.attname,
            'generated', attribute.attgenerated <> '',
            'alwaysIdentity', attribute.attidentity = 'a',
            'serial', pg_catalog.pg_get_serial_sequence($1, attribute.attname) is not null
          ) order by attribute.attnum
        ),
        '[]'
      )
      from pg_catalog.pg_attribute as attribute
      where attribute.attrelid = class.oid
      and attribute.attnum > 0
      and not attribute.attisdropped
    ) as columns,
    (
      select pg_catalog.json_agg(attribute.attname order by part.place)
      from (
        select index.indkey::int2[] as columns, index.indnkeyatts
        from pg_catalog.pg_index as index
        where index.indrelid = class.oid
        and index.indisunique
        and index.indisvalid
        and index.indpred is null
        and index.indexprs is null
        and not exists (
          select
          from pg_catalog.unnest(index.indkey::int2[]) with ordinality as part (number, place)
          join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = index.indrelid and attribute.attnum = part.number
          where part.place <= index.indnkeyatts
          and not attribute.attnotnull
        )
        order by index.indisprimary desc, index.indnkeyatts, index.indexrelid
        limit 1
      ) as key
      cross join pg_catalog.unnest(key.columns) with ordinality as part (number, place)
      join pg_catalog.pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum = part.number
      where part.place <= key.indnkeyatts
    ) as key,
    exists (
      select from pg_catalog.pg_index as index
      where index.indrelid = class.oid
      and (index.indisunique or index.indisexclusion)
      and not index.indimmediate
    ) as deferrable,
    (
      select coalesce(pg_catalog.json_agg(pg_catalog.format('%I.%I', namespace.nspname, other.relname)), '[]')
      from pg_catalog.pg_constraint as reference
      join pg_catalog.pg_class as other on other.oid = reference.confrelid
      join pg_catalog.pg_namespace as namespace on namespace.oid = other.relnamespace
      where reference.conrelid = class.oid
      and reference.contype = 'f'
    ) as "refersTo"
  from pg_catalog.pg_class as class
  where class.oid = pg_catalog.to_regclass($1)`;
