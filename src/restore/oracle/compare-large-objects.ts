import type pg from 'pg';
import { LargeObjectsHasher, type LargeObjectsHash } from '../../postgres/large-objects-hash.ts';
import { readCopy } from '../../postgres/copy-out.ts';

/** Whether a restored database has the large objects of its dump. */
export interface LargeObjectComparison {
  dumped: LargeObjectsHash;
  restored: LargeObjectsHash;
}

/** @param client in a transaction, of a role that may read all data */
export async function compareLargeObjects(client: pg.Client, dumped: LargeObjectsHash): Promise<LargeObjectComparison> {
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
  return { dumped, restored: hasher.end() };
}

const pages = `
  select metadata.oid, coalesce(pg_catalog.encode(page.data, 'hex'), '')
  from pg_catalog.pg_largeobject_metadata as metadata
  left join pg_catalog.pg_largeobject as page on page.loid = metadata.oid
  order by metadata.oid, page.pageno`;
