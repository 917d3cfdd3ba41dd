import { readArchiveEntries } from '../../postgres/archive-entries.ts';
import type { DumpFile } from '../../postgres/archive-input.ts';
import { PlainDumpReader } from '../../postgres/plain-dump-reader.ts';
import { outlineOf, type DumpOutline } from './dump-outline.ts';

/** What the table of contents of an archive says; null where it is cut, or of no known form. */
export async function outlineArchive(dump: DumpFile): Promise<DumpOutline | null> {
  const entries = await readArchiveEntries(dump, telling);
  if (entries === null) return null;
  const reader = new PlainDumpReader();
  const owned = new Map<string, number>();
  for (const { owner, definition } of entries) {
    if (definition !== undefined) reader.feed(`${definition}\n`);
    if (owner !== null) owned.set(owner, (owned.get(owner) ?? 0) + 1);
  }
  const database = entries.find(({ type }) => type === 'DATABASE');
  return outlineOf({
    database: database?.name ?? null,
    owner: database?.owner ?? null,
    owned,
    types: entries.map(({ type }) => type),
    needs: reader.end().needs,
  });
}

/** Types of entries whose definitions name roles, extensions or the locale. */
const telling = new Set([
  ...['ENCODING', 'DATABASE', 'EXTENSION'],
  ...['ACL', 'DEFAULT ACL', 'ACL LANGUAGE', 'POLICY', 'USER MAPPING'],
]);
