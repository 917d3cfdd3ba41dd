import type { OpenDump } from '../../backup/format/backup-format.ts';
import { isReadable } from '../../postgres/dump-text.ts';
import type { DumpedContents } from '../../postgres/plain-dump-contents.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { RestoredContents } from '../compare-contents.ts';
import { compareDefinitions, type DefinitionsContext } from './compare-definitions.ts';
import { compareRows } from './compare-rows.ts';
import type { RestoredRows } from './row-comparison.ts';

/** A dump that has been read, with what it holds by its own account. */
export interface ReadDump {
  opened: OpenDump;
  contents: DumpedContents;
}

/**
 * Holds a restored database against its dump, without its source and without a manifest: the bytes of rows and of large objects,
 * and the text of definitions.
 * @param after what was read of the restored database
 * @throws OperationalError for what is not the backup's fault
 */
export async function holdAgainstDump(
  restored: RestoredRows,
  { opened, contents }: ReadDump,
  after: Snapshot,
  context: DefinitionsContext,
): Promise<RestoredContents> {
  const rows = await compareRows(restored, {
    contents,
    async hashEachRow(tables) {
      const read = await opened.readContents(tables);
      if (Array.isArray(read)) throw new Error('A dump that could be read once cannot be read again.');
      return read.tables;
    },
  });
  const { definitions } = contents;
  if (definitions === null || definitions.length === 0) {
    return {
      after,
      rows,
      definitions: 'the dump is without the comments of pg_dump, which tell where a definition ends',
    };
  }
  if (!isReadable(contents.encoding)) {
    return { after, rows, definitions: `definitions in the encoding ${contents.encoding} cannot be read here` };
  }
  if (rows.settings.quotesAll) {
    return { after, rows, definitions: 'the dump has quotes around every name (pg_dump --quote-all-identifiers)' };
  }
  return { after, rows, definitions: compareDefinitions(definitions, after.schema, context) };
}
