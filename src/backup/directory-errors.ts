import { OperationalError } from '../system/operational-error.ts';

const notAllowed = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EIO'];

/** What went wrong with the directory of the backups, in words for a person; any other error as it is. */
export function explainDirectoryError(error: unknown, directory: string): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const text = `There is no space left in ${directory}, not even for a receipt of what was copied. Free a little, and start again: nothing is sent twice.`;
    return new OperationalError('DISK_FULL', text, { cause: error });
  }
  if (!notAllowed.includes(code)) return error;
  const text = `The backups in ${directory} cannot be used: ${message}. Run this as the account that takes them, or name another directory with --dir.`;
  return new OperationalError('BACKUP_NOT_WRITTEN', text, { cause: error });
}
