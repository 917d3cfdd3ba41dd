import type pg from 'pg';
import { OperationalError } from '../system/operational-error.ts';
import type { Found } from './difference.ts';
import { formatDigest, recordHash } from './digest-query.ts';
import { rowHashings, type DigestVersion } from './digest-version.ts';
import type { Reading } from './facet.ts';
import { isDenied } from './is-denied.ts';
import type { ContentSnapshot } from './snapshot.ts';

/**
 * Counts and digests all large objects: their oids, lengths and bytes.
 * @throws OperationalError SOURCE_NOT_READABLE where one of them may not be read
 */
export async function readLargeObjects({ client, digestVersion }: Reading): Promise<ContentSnapshot> {
  await client.query('savepoint large_objects');
  try {
    return await digest(client, directly, digestVersion);
  } catch (error) {
    if (!isDenied(error)) throw error;
    // Only those who may read all data may look into the table; whoever owns an object may read it on another way.
    await client.query('rollback to savepoint large_objects');
  }
  try {
    return await digest(client, throughFunctions, digestVersion);
  } catch (error) {
    if (!isDenied(error)) throw error;
    const message = `A large object cannot be read: ${error.message}. Read the database as the owner of its objects, or as a role with pg_read_all_data.`;
    throw new OperationalError('SOURCE_NOT_READABLE', message, { cause: error });
  }
}

/** Compares large objects, all at once. Pure. */
export function compareLargeObjects(before: ContentSnapshot, after: ContentSnapshot): Found[] {
  if (before.rows === after.rows && before.digest === after.digest) return [];
  return [
    {
      rule: before.rows === after.rows ? 'LARGE_OBJECT_CHANGED' : 'LARGE_OBJECT_COUNT_MISMATCH',
      kind: 'changed',
      severity: 'error',
      object: 'large objects',
      expected: `${before.rows} with digest ${before.digest}`,
      actual: `${after.rows} with digest ${after.digest}`,
      remedy:
        'Dump the whole database: pg_dump leaves large objects out when only some schemas or tables are asked for.',
    },
  ];
}

async function digest(client: pg.Client, parts: string, version: DigestVersion): Promise<ContentSnapshot> {
  const { rows } = await client.query<{ rows: string; low: string | null; high: string | null }>(
    largeObjectQuery(parts, version),
  );
  const [sums] = rows;
  return { rows: Number(sums?.rows ?? 0), digest: formatDigest(sums?.low ?? null, sums?.high ?? null) };
}

/** What the digest is made of: the pages of an object, each of 2048 bytes (LOBLKSIZE), and its length. */
const directly = `
  pages as (
    select loid, pageno, data
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
  )`;

/** The same, a page at a time. An object is opened (262144: INV_READ), measured by a seek to its end, and closed again. */
const throughFunctions = `
  lengths as materialized (
    select oid, (
      select pg_catalog.lo_lseek64(descriptor, 0, 2) + 0 * pg_catalog.lo_close(descriptor)
      from (select pg_catalog.lo_open(metadata.oid, 262144) as descriptor offset 0) as opened
    ) as length
    from pg_catalog.pg_largeobject_metadata as metadata
  ), pages as (
    select oid as loid, pageno::int4 as pageno, pg_catalog.lo_get(oid, pageno * 2048, 2048) as data
    from lengths, pg_catalog.generate_series(0, (length - 1) / 2048) as pageno
    where length > 0
  )`;

/**
 * A hole in a large object has no page, and comes back from a dump as a page of zeros: pages are digested without
 * trailing zeros, and those of zeros alone not at all. The length keeps trailing zeros from being lost.
 */
function largeObjectQuery(parts: string, version: DigestVersion): string {
  // A length is an int8: see digest-version.ts.
  const length = rowHashings[version].hashed['int8']?.('length') ?? '';
  const hashes = (record: string) => `
      ${recordHash(record, 0, version)} as low,
      ${recordHash(record, 1, version)} as high`;
  return `
  with ${parts.trim()}, contents as (
    select loid, pageno, pg_catalog.rtrim(data, '\\x00'::pg_catalog.bytea) as content
    from pages
  ), records as (
    select ${hashes('row(loid, pageno, content)')}
    from contents
    where content <> ''::pg_catalog.bytea
    union all
    select ${hashes(`row(oid, ${length})`)}
    from lengths
  )
  select
    (select pg_catalog.count(*) from lengths)::text as rows,
    pg_catalog.sum(low)::text as low,
    pg_catalog.sum(high)::text as high
  from records`;
}
