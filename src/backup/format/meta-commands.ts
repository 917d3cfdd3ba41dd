import type { MetaCommand } from '../../postgres/plain-dump-commands.ts';
import type { PlainDump } from '../../postgres/plain-dump-reader.ts';
import type { Refusal } from './backup-format.ts';

/** Why a plain dump that holds commands of psql is not restored; null for one without. Pure. */
export function refuseMetaCommands({ metaCommands }: Pick<PlainDump, 'metaCommands'>): Refusal | null {
  const [first] = metaCommands;
  if (first === undefined) return null;
  return {
    summary: 'refused: it holds commands of psql',
    expected: 'a plain SQL dump without commands of psql',
    actual: `${metaCommands.length} or more, the first in line ${first.line}`,
    findings: metaCommands.map(toFinding),
  };
}

function toFinding({ line, command }: MetaCommand): Refusal['findings'][number] {
  const what = /^\w+$|^[^\w\s]$/.test(command) ? `the command \\${command} of psql` : command;
  return {
    rule: 'DUMP_WITH_META_COMMANDS',
    object: `line ${line}`,
    message: `Line ${line} of the plain SQL dump holds ${what}. Such commands run with the rights of whoever restores, so nothing of it was restored.`,
    remedy: ['connect', 'c'].includes(command)
      ? 'Dump without --create (-C): the database is created here.'
      : 'pg_dump writes no such command: find out who changed the dump, or dump in custom format (pg_dump -Fc).',
  };
}
