import { outOfLocks } from './connection.ts';
import { redact } from '../system/redact.ts';
import { withoutRows } from '../system/without-rows.ts';
import type { CommandResult } from '../system/run-program.ts';
import { OperationalError, type ErrorCode } from '../system/operational-error.ts';
import { findSourceFault, UnreadableTable } from './source-faults.ts';

/** Who was dumped, and what it is called when nothing more is known of the failure. */
interface Attempt {
  /** What could not be done, as the start of a sentence. */
  failed: string;
  secrets: Iterable<string>;
  /** Who dumped. */
  role: string;
  otherwise: ErrorCode;
}

/** Why pg_dump or pg_dumpall failed, from what it printed. The same cause has the same code, whichever call met it. Pure. */
export function explainDumpError(
  { stderr }: Pick<CommandResult, 'stderr'>,
  { failed, secrets, role, otherwise }: Attempt,
): OperationalError {
  const log = redact(withoutRows(stderr), secrets);
  const what = `${failed}: ${findReason(log)}`;
  // Details, which are not shown, tell a value that is too large from a server without memory.
  const fault = findSourceFault(stderr, { table: findTable(stderr), role });
  if (fault !== null) return new UnreadableTable(fault.code, `${what}. ${fault.next}`, fault.table);
  // Which statement it was stands in a line that is not shown.
  const known = /was: LOCK TABLE/.test(stderr) ? `${log}\nLOCK TABLE` : log;
  const [, code, next] = causes.find(([pattern]) => pattern.test(known)) ?? [];
  return new OperationalError(code ?? otherwise, `${what}. ${next ?? otherNext}`);
}

const otherNext = 'Run pg_dump by hand with the same database and role, and mend what it says.';

/** What the server said, where pg_dump says only that it did not get the rows of a table. */
function findReason(log: string): string {
  const lines = log.trim().split('\n');
  const error = lines.find((line) => /\berror:|ERROR:|FATAL:/.test(line)) ?? lines.at(-1) ?? '';
  const own = error.replace(/^.*?\berror: (?:query failed: )?/, '').trim() || 'it printed nothing';
  const said = /^pg_dump: (?:detail|error): Error message from server: (?:ERROR: +)?(.*)$/m.exec(log)?.[1];
  return (said === undefined || own.includes(said) ? own : `${own.replace(/\.$/, '')}: ${said}`).replace(/\.$/, '');
}

/** The table that was being dumped, as SQL names it. */
function findTable(stderr: string): string | null {
  return (
    /ommand was: COPY (.+?)(?: \(.*\))? TO stdout;/.exec(stderr)?.[1] ??
    /Dumping the contents of table "(.+?)" failed/.exec(stderr)?.[1] ??
    null
  );
}

const causes: [RegExp, ErrorCode, string][] = [
  [/out of shared memory/, 'LOCKS_EXHAUSTED', `${outOfLocks[0]?.toUpperCase()}${outOfLocks.slice(1)}`],
  [/ERROR:.*No space left on device/, 'SOURCE_NOT_READABLE', 'A disk of the server is full: free some space there.'],
  [/No space left on device/, 'DISK_FULL', 'Free some space and start again.'],
  // pg_dump sets its --lock-wait-timeout as statement_timeout, while it waits for locks alone.
  [
    /canceling statement due to lock timeout|due to statement timeout[^]*LOCK TABLE/,
    'SOURCE_LOCKED',
    'Another session holds a lock on a table, and did not release it in time; start again later.',
  ],
  [
    /canceling statement due to statement timeout|terminating connection due to transaction timeout/,
    'SOURCE_TIMED_OUT',
    'A statement_timeout or transaction_timeout that pg_dump cannot lift ended it: ALTER ROLE … SET it to 0 for the role of the backup.',
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
    /permission denied/,
    'SOURCE_NOT_READABLE',
    'Everything has to be read: connect as the owner of the database or as a superuser.',
  ],
  [/server version mismatch/, 'TOOL_TOO_OLD', 'Install client programs of the version of the server.'],
  [
    /--compress\b|compression specification/,
    'PROFILE_INVALID',
    'This pg_dump does not take the backups.compression of the profile.',
  ],
];
