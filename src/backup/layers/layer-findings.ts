import type { BackupFinding } from '../format/backup-finding.ts';

const copyAgain = 'Copy the backup again from off-host storage, and compare sizes and checksums.';

/** That a packed dump ends too early. Pure. */
export function packedTruncated(how: string): BackupFinding {
  return {
    rule: 'ARCHIVE_TRUNCATED',
    message: `The dump is ${how}, and ends too early.`,
    remedy: copyAgain,
  };
}

/** That bytes of a packed dump have changed. Pure. */
export function packedCorrupt(how: string): BackupFinding {
  return {
    rule: 'ARCHIVE_CORRUPT',
    message: `The dump is ${how}, and its bytes have changed.`,
    remedy: copyAgain,
  };
}

/** That a packed dump is whole, and there is nothing in it. Pure. */
export function packedEmpty(how: string): BackupFinding {
  return {
    rule: 'ARCHIVE_EMPTY',
    message: `The file is ${how} and whole, and there is nothing in it.`,
    remedy: 'See why pg_dump wrote nothing into the pipe: a shell only says it with "set -o pipefail".',
  };
}

/** That whoever restores a dump has to unpack it first, with a program that few runbooks name. Pure. */
export function packed(how: string, command: string): BackupFinding {
  return {
    rule: 'DUMP_PACKED',
    message: `The dump is ${how}, which neither pg_restore nor psql reads: it was unpacked here (${command}).`,
    remedy:
      'Name that command in the runbook and keep its program where backups are restored, or let pg_dump compress (pg_dump -Fc).',
  };
}

/** That something stands behind the end of a packed dump. Pure. */
export function packedWithTail(how: string): BackupFinding {
  return {
    rule: 'DUMP_WITH_TRAILING_BYTES',
    message: `Behind the end of what was ${how} there are further bytes, which were passed over (trailing garbage).`,
    remedy:
      'See what the backup job appends to the file, such as what ssh or docker print in the end: let pg_dump write with --file, or keep standard error apart.',
  };
}

/** That a dump was packed more than once. Pure. */
export function packedTwice(layers: string[]): BackupFinding {
  return {
    rule: 'DUMP_PACKED_TWICE',
    message: `The dump is packed twice: ${layers.join(', and that ')}. It was unpacked as often here.`,
    remedy:
      'Pack it once: pg_dump -Fc compresses by itself, and so do some backup jobs and uploads whose input is packed already.',
  };
}
