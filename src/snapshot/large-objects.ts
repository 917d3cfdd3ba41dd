import type pg from 'pg';
import type { Found } from './difference.ts';
import { formatDigest, recordHash } from './digest-query.ts';
import { rowHashings, type DigestVersion } from './digest-version.ts';
import type { Reading } from './facet.ts';
import { readPages } from './large-object-pages.ts';
import type { ContentSnapshot } from './snapshot.ts';

/**
 * Counts and digests all large objects: their oids, lengths and bytes.
 * @throws OperationalError SOURCE_NOT_READABLE where one of them may not be read
 */
export async function readLargeObjects({ client, digestVersion }: Reading): Promise<ContentSnapshot> {
  return readPages(client, (parts) => digest(client, parts, digestVersion));
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
