import type pg from 'pg';
import { readCopy } from '../../postgres/copy-out.ts';
import { LargeObjectsHasher, type LargeObjectsHash } from '../../postgres/large-objects-hash.ts';
import { readPages } from '../../snapshot/large-object-pages.ts';

/**
 * Hashes the large objects of a restored database as those of a dump are.
 * @param client in a transaction
 * @throws OperationalError SOURCE_NOT_READABLE where one of them may not be read
 */
export function hashLargeObjects(client: pg.Client): Promise<LargeObjectsHash> {
  return readPages(client, (parts) => hash(client, parts));
}

async function hash(client: pg.Client, parts: string): Promise<LargeObjectsHash> {
  const hasher = new LargeObjectsHasher();
  let rest = '';
  let open = '';
  await readCopy(client, `copy (${pageQuery(parts)}) to stdout`, (text) => {
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

function pageQuery(parts: string): string {
  return `
  with ${parts.trim()}
  select metadata.oid, coalesce(pg_catalog.encode(pages.data, 'hex'), '')
  from pg_catalog.pg_largeobject_metadata as metadata
  left join pages on pages.loid = metadata.oid
  order by metadata.oid, pages.pageno`;
}
