import type { Contribution } from '../evidence/contribution.ts';
import type { Finding } from '../evidence/schema.ts';
import type { MetaCommand } from '../postgres/plain-dump-commands.ts';
import type { PlainDump } from '../postgres/plain-dump-reader.ts';

/** What comes of a plain dump that holds commands of psql: it is not restored. Pure. */
export function refusePlainDump({ metaCommands }: Pick<PlainDump, 'metaCommands'>): Contribution {
  return {
    summary: 'refused: it holds commands of psql',
    checks: [
      {
        id: 'restore-status',
        status: 'failed',
        reason: null,
        expected: 'a plain SQL dump without commands of psql',
        actual: `${metaCommands.length} or more, the first in line ${metaCommands[0]?.line ?? 0}`,
      },
    ],
    findings: metaCommands.map(toFinding),
  };
}

function toFinding({ line, command }: MetaCommand): Finding {
  const what = /^\w+$|^[^\w\s]$/.test(command) ? `the command \\${command} of psql` : command;
  return {
    rule: 'DUMP_WITH_META_COMMANDS',
    severity: 'error',
    object: `line ${line}`,
    message: `Line ${line} of the plain SQL dump holds ${what}. Such commands run with the rights of whoever restores, so nothing of it was restored.`,
    remedy: ['connect', 'c'].includes(command)
      ? 'Dump without --create (-C): the rehearsal creates the database itself.'
      : 'pg_dump writes no such command: find out who changed the dump, or dump in custom format (pg_dump -Fc).',
  };
}
