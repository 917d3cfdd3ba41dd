import { redact, withoutRows } from '../process/redact.ts';
import type { CommandResult } from '../process/run.ts';
import { RehearsalError } from '../rehearsal-error.ts';
import type { SourceServer } from '../source/source-server.ts';

/** Why pg_dump or pg_dumpall failed, from what it printed. */
export function explainDump({ stderr }: Pick<CommandResult, 'stderr'>, { secrets }: SourceServer): RehearsalError {
  const log = redact(withoutRows(stderr), secrets);
  const error =
    log.split('\n').find((line) => /\berror:|ERROR:|FATAL:/.test(line)) ?? log.trim().split('\n').at(-1) ?? '';
  const [code, next] = causes.find(([pattern]) => pattern.test(log))?.slice(1) as [RehearsalError['code'], string];
  return new RehearsalError(code, `The database could not be dumped: ${error.trim()}. ${next}`);
}

/** The last one is for whatever else. */
const causes: [RegExp, RehearsalError['code'], string][] = [
  [/No space left on device/, 'DISK_FULL', 'Free some space and start again.'],
  [
    /canceling statement due to lock timeout|lock timeout/,
    'SOURCE_LOCKED',
    'Somebody holds a lock on a table; start again later.',
  ],
  [
    /server closed the connection|terminating connection|no connection to the server|connection to server .* failed/,
    'CONNECTION_LOST',
    'The connection to the server was lost; see whether it still runs, and start again.',
  ],
  [
    /permission denied|row-level security/,
    'DUMP_FAILED',
    'A backup has to hold all rows: dump as the owner of the database or as a superuser.',
  ],
  [/server version mismatch/, 'TOOL_TOO_OLD', 'Install client programs of the version of the server.'],
  [/./s, 'DUMP_FAILED', 'Make pg_dump work by hand with the same URL.'],
  [/^$/, 'DUMP_FAILED', 'It printed nothing; make pg_dump work by hand with the same URL.'],
];

/** What went wrong while the files were written, in words for a person. */
export function explainFailure(error: unknown, directory: string): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (['ENOSPC', 'EDQUOT', 'DISK_FULL'].includes(code ?? '')) {
    const text = `There is no space left for the backup in ${directory}. Nothing was left there. Free some space and start again.`;
    return new RehearsalError('DISK_FULL', text, { cause: error });
  }
  if (code === 'ABORT_ERR')
    return new RehearsalError('INTERRUPTED', 'The backup was interrupted. Nothing was left of it.');
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EIO'].includes(code ?? '')) {
    const text = `The backup cannot be written into ${directory}: ${message}. Name another directory with --dir.`;
    return new RehearsalError('BACKUP_NOT_WRITTEN', text, { cause: error });
  }
  return error;
}
