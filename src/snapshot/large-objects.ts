import type pg from 'pg';
import { formatDigest } from './digest-query.ts';
import type { ContentSnapshot } from './snapshot.ts';

/** Counts and digests all large objects: their oids, lengths and bytes. Needs the right to read all data. */
export async function readLargeObjects(client: pg.Client): Promise<ContentSnapshot> {
  const { rows } = await client.query<{ rows: string; low: string | null; high: string | null }>(largeObjects);
  const [sums] = rows;
  return { rows: Number(sums?.rows ?? 0), digest: formatDigest(sums?.low ?? null, sums?.high ?? null) };
}

/**
 * A hole in a large object has no page, and comes back from a dump as a page of zeros: pages are digested without
 * trailing zeros, and those of zeros alone not at all. The length keeps trailing zeros from being lost.
 */
const largeObjects = `
  with pages as (
    select loid, pageno, pg_catalog.rtrim(data, '\\x00'::pg_catalog.bytea) as content
    from pg_catalog.pg_largeobject
  ), lengths as (
    select metadata.oid, coalesce(last_page.length, 0) as length
    from pg_catalog.pg_largeobject_metadata as metadata
    left join lateral (
      select pageno::int8 * 2048 + pg_catalog.length(data) as length
      from pg_catalog.pg_largeobject
      where loid = metadata.oid
      order by pageno desc
      limit 1
    ) as last_page on true
  ), records as (
    select
      pg_catalog.hash_record_extended(row(loid, pageno, content), 0) as low,
      pg_catalog.hash_record_extended(row(loid, pageno, content), 1) as high
    from pages
    where content <> ''::pg_catalog.bytea
    union all
    select
      pg_catalog.hash_record_extended(row(oid, length), 0),
      pg_catalog.hash_record_extended(row(oid, length), 1)
    from lengths
  )
  select
    (select pg_catalog.count(*) from lengths)::text as rows,
    pg_catalog.sum(pg_catalog.hashint8extended(low, 0))::text as low,
    pg_catalog.sum(pg_catalog.hashint8extended(high, 1))::text as high
  from records`;
