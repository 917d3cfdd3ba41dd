import type { Disorder } from '../../postgres/plain-dump-disorder.ts';
import type { BackupFinding } from './backup-finding.ts';

/** What was done to a plain dump after pg_dump, or instead of it. Pure. */
export function disorderFinding({ kind, line, table }: Disorder): BackupFinding {
  const { rule, message, remedy } = findings[kind];
  return { rule, message: message(line, table ?? ''), remedy: remedy(line) };
}

interface Wording {
  rule: string;
  message: (line: number, table: string) => string;
  remedy: (line: number) => string;
}

const findings: Record<Disorder['kind'], Wording> = {
  zeros: {
    rule: 'ARCHIVE_CORRUPT',
    message: (line) =>
      `The plain SQL dump has zero bytes in line ${line}, which pg_dump never writes: space that was set aside for what never came, or bytes that were lost.`,
    remedy: () =>
      'Copy the backup again from off-host storage, and compare sizes and checksums: a crash, a full disk or a download that was cut leave zeros behind.',
  },
  'line ends': {
    rule: 'DUMP_LINE_ENDS',
    message: (line) =>
      `The plain SQL dump is not as pg_dump wrote it: line ${line} ends with CRLF, and others do not. What it was cannot be told.`,
    remedy: () =>
      'See what has changed a part of the file (an editor on Windows, a merge, a transfer in text mode), and take a new backup that nothing writes to.',
  },
  'text behind': {
    rule: 'DUMP_WITH_TRAILING_BYTES',
    message: (line) =>
      `Behind the end of the plain SQL dump, in line ${line}, there is text that pg_dump did not write: psql takes it for statements.`,
    remedy: (line) =>
      `See what the backup job appends to the file, such as what ssh or docker print in the end: let pg_dump write with --file, or keep standard error apart. This takes it out: head --lines=${line - 1}`,
  },
  'dumped again': {
    rule: 'DUMPED_TWICE',
    message: (line, table) =>
      `The file holds several dumps one behind the other, and the table ${table} again in line ${line}: psql stops there, or fills it twice, and what came first is the older one.`,
    remedy: () =>
      'The backup job appends to its file (>>): let it write each dump to a file of its own, under another name.',
  },
};
