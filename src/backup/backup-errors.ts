import pg from 'pg';
import { withoutRows } from '../system/without-rows.ts';
import { findSourceFault, UnreadableTable } from '../postgres/source-faults.ts';
import { isDenied } from '../snapshot/is-denied.ts';
import { OperationalError } from '../system/operational-error.ts';

/** Why a backup could not be taken, in words for a person. Pure. */
export function explainBackupError(error: unknown, directory: string, role: string): unknown {
  const { code, message } = error as { code?: string; message: string };
  const known = explanations.find(({ codes }) => codes.includes(code ?? ''));
  if (known !== undefined) return new OperationalError(known.as, known.explain(directory, message), { cause: error });
  if (!(error instanceof pg.DatabaseError)) return error;
  const failed = `The database cannot be read: ${withoutRows(message).replace(/\.$/, '')}`;
  const said = `${message}\n${error.detail ?? ''}`;
  const fault = findSourceFault(said, { table: error.table ?? null, role });
  if (fault !== null) return new UnreadableTable(fault.code, `${failed}. ${fault.next}`, fault.table, { cause: error });
  const next = isDenied(error)
    ? 'Read it as the owner of the database or as a superuser.'
    : 'See the log of the server.';
  return new OperationalError('SOURCE_NOT_READABLE', `${failed}. ${next}`, { cause: error });
}

interface Explanation {
  /** Of errors of Node.js, and our own. */
  codes: string[];
  as: OperationalError['code'];
  explain: (directory: string, message: string) => string;
}

const explanations: Explanation[] = [
  {
    codes: ['ENOSPC', 'EDQUOT', 'DISK_FULL'],
    as: 'DISK_FULL',
    explain: (directory) =>
      `There is no space left for the backup in ${directory}. Nothing was left there. Free some space and start again.`,
  },
  {
    codes: ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG', 'EIO', 'ENOENT'],
    as: 'BACKUP_NOT_WRITTEN',
    explain: (directory, message) =>
      `The backup cannot be written into ${directory}: ${message}. Name another directory with --dir.`,
  },
  {
    codes: ['SERVER_LOST'],
    as: 'CONNECTION_LOST',
    explain: (_, message) => `${message} Nothing was left of the backup. See whether the server runs, and start again.`,
  },
];
