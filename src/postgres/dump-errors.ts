import { redact } from '../system/redact.ts';
import { withoutRows } from '../system/without-rows.ts';
import type { CommandResult } from '../system/run-program.ts';
import { OperationalError, type ErrorCode } from '../system/operational-error.ts';

/** Who was dumped, and what it is called when nothing more is known of the failure. */
interface Attempt {
  /** What could not be done, as the start of a sentence. */
  failed: string;
  secrets: Iterable<string>;
  otherwise: ErrorCode;
}

/** Why pg_dump or pg_dumpall failed, from what it printed. The same cause has the same code, whichever call met it. Pure. */
export function explainDumpError(
  { stderr }: Pick<CommandResult, 'stderr'>,
  { failed, secrets, otherwise }: Attempt,
): OperationalError {
  const log = redact(withoutRows(stderr), secrets);
  const lines = log.trim().split('\n');
  const error = lines.find((line) => /\berror:|ERROR:|FATAL:/.test(line)) ?? lines.at(-1) ?? '';
  const reason = error.replace(/^.*?\berror: (?:query failed: )?/, '').trim() || 'it printed nothing';
  const [, code, next] = causes.find(([pattern]) => pattern.test(log)) ?? [];
  return new OperationalError(
    code ?? otherwise,
    `${failed}: ${reason.replace(/\.$/, '')}. ${next ?? 'Make pg_dump work by hand with the same database.'}`,
  );
}

const causes: [RegExp, ErrorCode, string][] = [
  [/ERROR:.*No space left on device/, 'SOURCE_NOT_READABLE', 'A disk of the server is full: free some space there.'],
  [/No space left on device/, 'DISK_FULL', 'Free some space and start again.'],
  // pg_dump knows no other limit for its statements than --lock-wait-timeout, and sets that as statement_timeout.
  [
    /canceling statement due to (?:statement|lock) timeout/,
    'SOURCE_LOCKED',
    'Another session holds a lock on a table, and did not release it in time; start again later.',
  ],
  [
    /too many (?:connections|clients)|connection slots are reserved/,
    'LOGIN_REFUSED',
    'Three connections are needed at once; see the connection limits of role, database and server.',
  ],
  [
    new RegExp(
      [
        'server closed the connection|terminating connection|no connection to the server|connection to server .* failed',
        'could not (?:receive data from|send data to) server|SSL (?:SYSCALL|error|connection)|the database system is',
        // The session that holds the snapshot is gone.
        'invalid snapshot identifier|could not import the requested snapshot|snapshot ".*" does not exist',
      ].join('|'),
    ),
    'CONNECTION_LOST',
    'The connection to the server was lost; see whether it still runs, and start again.',
  ],
  [
    /permission denied|row-level security/,
    'SOURCE_NOT_READABLE',
    'All rows have to be read: connect as the owner of the database or as a superuser.',
  ],
  [/server version mismatch/, 'TOOL_TOO_OLD', 'Install client programs of the version of the server.'],
  [
    /--compress\b|compression specification/,
    'PROFILE_INVALID',
    'This pg_dump does not take the backups.compression of the profile.',
  ],
];
