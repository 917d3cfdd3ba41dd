import pg from 'pg';

/** The columns of a table whose values cannot be turned into text, as a dump has to: too large, or damaged. */
export interface UnreadableColumns {
  /** As SQL names it. */
  table: string;
  columns: string[];
}

/**
 * Reads a table column by column, up to a value that cannot be read.
 * @param name as SQL names it, or without its schema
 * @returns null where there is no such table, or more than one
 */
export async function findUnreadableColumns(client: pg.Client, name: string): Promise<UnreadableColumns | null> {
  const { rows } = await client.query<{ name: string; qualifiedName: string; columns: string[] }>(tableQuery, [name]);
  const [table, ...others] = rows;
  if (table === undefined || others.length > 0) return null;
  const columns: string[] = [];
  for (const column of table.columns) {
    const query = `select pg_catalog.count(row(t.${column})::pg_catalog.text) from only ${table.qualifiedName} as t`;
    try {
      await client.query(query);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      columns.push(column);
    }
  }
  return { table: table.name, columns };
}

/** Values of fixed length are never too large. */
const tableQuery = `
  select
    case namespace.nspname
      when 'public' then pg_catalog.quote_ident(class.relname)
      else pg_catalog.format('%I.%I', namespace.nspname, class.relname)
    end as name,
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as "qualifiedName",
    array(
      select pg_catalog.quote_ident(attribute.attname)
      from pg_catalog.pg_attribute as attribute
      where attribute.attrelid = class.oid
      and attribute.attnum > 0
      and attribute.attlen = -1
      and not attribute.attisdropped
      order by attribute.attnum
    ) as columns
  from pg_catalog.pg_class as class
  join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
  where class.relkind in ('r', 'm')
  and $1 in (
    class.relname::text,
    pg_catalog.quote_ident(class.relname),
    pg_catalog.format('%I.%I', namespace.nspname, class.relname)
  )`;
