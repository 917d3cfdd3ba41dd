import type { Readable } from 'node:stream';
import type { CommandResult } from '../system/run-program.ts';
import { archiveInput, type DumpFile } from './archive-input.ts';
import { noNeeds, type DumpNeeds } from './dump-needs.ts';
import { PlainDumpReader, type PlainDump } from './plain-dump-reader.ts';
import { readArchive } from './restore.ts';
import type { ToolLimits, ToolRunner } from './tool.ts';

/**
 * Reads what an archive would fill a database with, from the SQL that pg_restore makes of it, as a stream: nothing is
 * restored, and memory does not grow with the archive. A status other than 0 is a result. pg_restore does not notice that
 * data in a directory were cut: `cut` says so, as their end is missing.
 * @param eachRow tables whose rows are hashed each for itself: see DumpedRows
 */
export async function readArchivedContents(
  runner: ToolRunner<'pg_restore'>,
  archive: DumpFile,
  limits: ToolLimits,
  eachRow?: ReadonlySet<string>,
): Promise<CommandResult & Pick<PlainDump, 'contents' | 'needs' | 'cut'>> {
  const { result, reader } = await readAsSql(runner, archive, limits, [], eachRow);
  const { contents, needs, cut } = reader.end();
  // pg_restore sets it as it was told, not as pg_dump had it.
  return { ...result, contents: { ...contents, rowSecurity: null }, needs, cut };
}

/** What an archive needs of the server it is restored into; nothing, where it cannot be read: the restore says why. */
export async function readArchivedNeeds(
  runner: ToolRunner<'pg_restore'>,
  archive: DumpFile,
  limits: ToolLimits,
): Promise<DumpNeeds> {
  const { result, reader } = await readAsSql(runner, archive, limits, ['--schema-only']);
  return result.exitCode === 0 ? reader.end().needs : noNeeds();
}

async function readAsSql(
  runner: ToolRunner<'pg_restore'>,
  archive: DumpFile,
  limits: ToolLimits,
  options: string[],
  eachRow?: ReadonlySet<string>,
) {
  const reader = new PlainDumpReader(eachRow);
  const result = await readArchive(runner, {
    args: [...options, '--file=-'],
    ...limits,
    ...archiveInput(archive),
    async consumeStdout(source: Readable) {
      for await (const chunk of source) reader.feed((chunk as Buffer).toString('latin1'));
    },
  });
  return { result, reader };
}
