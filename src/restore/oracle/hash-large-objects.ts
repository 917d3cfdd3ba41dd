import type pg from 'pg';
import { readCopy } from '../../postgres/copy-out.ts';
import { LargeObjectsHasher, type LargeObjectsHash } from '../../postgres/large-objects-hash.ts';

/** Hashes the large objects of a restored database as those of a dump are. @param client of a role that may read all data */
export async function hashLargeObjects(client: pg.Client): Promise<LargeObjectsHash> {
  const hasher = new LargeObjectsHasher();
  let rest = '';
  let open = '';
  await readCopy(client, `copy (${pages}) to stdout`, (text) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [oid = '', bytes = ''] = line.split('\t');
      if (oid !== open) hasher.open(oid);
      open = oid;
      hasher.add(bytes);
    }
  });
  return hasher.end();
}

const pages = `
  select metadata.oid, coalesce(pg_catalog.encode(page.data, 'hex'), '')
  from pg_catalog.pg_largeobject_metadata as metadata
  left join pg_catalog.pg_largeobject as page on page.loid = metadata.oid
  order by metadata.oid, page.pageno`;
