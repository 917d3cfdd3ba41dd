import type pg from 'pg';
import { OperationalError } from '../system/operational-error.ts';
import { isDenied } from './is-denied.ts';

/**
 * Reads large objects in a transaction: out of their table, which only those who may read all data may look into, or else through
 * functions, as whoever owns an object may.
 * @param read runs a query with these parts of a WITH: `pages` (loid, pageno, data), each of 2048 bytes (LOBLKSIZE), and `lengths`
 *   (oid, length) in bytes
 * @throws OperationalError SOURCE_NOT_READABLE where one of them may not be read
 */
export async function readPages<Result>(client: pg.Client, read: (parts: string) => Promise<Result>): Promise<Result> {
  await client.query('savepoint large_objects');
  try {
    return await read(directly);
  } catch (error) {
    if (!isDenied(error)) throw error;
    await client.query('rollback to savepoint large_objects');
  }
  try {
    return await read(throughFunctions);
  } catch (error) {
    if (!isDenied(error)) throw error;
    const message = `A large object cannot be read: ${error.message}. Read the database as the owner of its objects, or as a role with pg_read_all_data.`;
    throw new OperationalError('SOURCE_NOT_READABLE', message, { cause: error });
  }
}

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

/** A page at a time. An object is opened (262144: INV_READ), measured by a seek to its end, and closed again. */
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
