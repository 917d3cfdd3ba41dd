import type { TextSettings } from '../../postgres/copy-out.ts';
import { explainDumpError } from '../../postgres/dump-errors.ts';
import type { DumpedContents } from '../../postgres/plain-dump-contents.ts';
import { PlainDumpReader } from '../../postgres/plain-dump-reader.ts';
import { pinTool } from '../../snapshot/pinned-settings.ts';
import type { RestoredRows } from './row-comparison.ts';

/**
 * Reads the rows of a restored database as pg_dump writes them with INSERT, by table.
 * @param names whether columns are named: then their order is that of the restored table
 * @throws OperationalError with what pg_dump says
 */
export async function readInserted(
  { reader, runner, limits }: RestoredRows,
  { names, settings }: { names: boolean; settings: TextSettings },
): Promise<DumpedContents['tables']> {
  const dump = new PlainDumpReader();
  const pinned = pinTool(runner, { timezone: settings.timeZone, bytea_output: settings.byteaOutput });
  const quotes = settings.quotesAll ? ['--quote-all-identifiers'] : [];
  const { exitCode, stderr } = await pinned.runTool({
    tool: 'pg_dump',
    // Called --no-large-objects from version 16 on, which takes the old name, too. The role may not read them through functions.
    args: [
      '--data-only',
      '--no-blobs',
      names ? '--column-inserts' : '--inserts',
      `--encoding=${settings.encoding}`,
      ...quotes,
    ],
    ...reader,
    ...limits,
    async consumeStdout(source) {
      for await (const chunk of source) dump.feed((chunk as Buffer).toString('latin1'));
    },
  });
  if (exitCode === 0) return dump.end().contents.tables;
  const failed = `The rows of ${reader.database} could not be read`;
  throw explainDumpError(
    { stderr },
    { failed, secrets: [reader.password], role: reader.user, otherwise: 'SOURCE_NOT_READABLE' },
  );
}
