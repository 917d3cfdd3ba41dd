import type { Readable } from 'node:stream';
import type { CommandResult } from '../process/run.ts';
import { archiveInput } from './archive-input.ts';
import { PlainDumpLexer, type DumpedContents } from './plain-dump-lexer.ts';
import { readArchive } from './restore.ts';
import type { ToolLimits, ToolRunner, ToolTarget } from './tool.ts';

/**
 * Reads what an archive would fill a database with, from the SQL that pg_restore makes of it, as a stream: nothing is
 * restored, and memory does not grow with the archive. A status other than 0 is a result.
 */
export async function readArchivedContents(
  runner: ToolRunner<'pg_restore'>,
  target: ToolTarget,
  archive: string,
  limits: ToolLimits,
): Promise<CommandResult & { contents: DumpedContents }> {
  const lexer = new PlainDumpLexer();
  const result = await readArchive(runner, {
    tool: 'pg_restore',
    args: ['--file=-'],
    ...target,
    ...limits,
    ...(await archiveInput(archive)),
    async consumeStdout(source: Readable) {
      for await (const chunk of source) lexer.feed((chunk as Buffer).toString('latin1'));
    },
  });
  return { ...result, contents: lexer.end().contents };
}
