import { readDump, type DumpFile } from '../postgres/archive-input.ts';
import { countEntries } from '../postgres/archive-header.ts';
import type { Backup } from './read-backup.ts';

/** A plain dump writes a table once, and its keys, indexes and rows behind all tables. */
const entriesOfTable = 4;

/**
 * About how many objects a backup holds, before a server is there to ask: what the server has to have room for. The number is
 * never far too small.
 */
export async function countObjects({ examination, dump }: Pick<Backup, 'examination' | 'dump'>): Promise<number> {
  const { manifest } = examination;
  const described = manifest === null ? 0 : Object.keys(manifest.snapshot.schema).length;
  if (described > 0) return described;
  return countEntries(dump.head) ?? entriesOfTable * (await countCreated(dump));
}

/** The statements that create something in a plain dump, up to its first rows. */
async function countCreated(dump: DumpFile): Promise<number> {
  if (dump.seal === null) return 0;
  let created = 0;
  for await (const chunk of readDump(dump)) {
    const text = chunk.toString('latin1');
    const rows = /^(?:COPY|INSERT INTO) /m.exec(text);
    created += (rows === null ? text : text.slice(0, rows.index)).match(/^CREATE /gm)?.length ?? 0;
    if (rows !== null) break;
  }
  return created;
}
