import { stat } from 'node:fs/promises';
import { OperationalError } from '../system/operational-error.ts';
import { explainDirectoryError } from './directory-errors.ts';

/**
 * A directory of backups that is not there is a mount that failed, or a name that is wrong: that nothing is to be done there is
 * no news of success.
 * @param takeOne the command that takes a backup there
 * @throws OperationalError BACKUP_NOT_FOUND, BACKUP_NOT_WRITTEN
 */
export async function assertDirectory(directory: string, takeOne: string): Promise<void> {
  try {
    if ((await stat(directory)).isDirectory()) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explainDirectoryError(error, directory);
  }
  const message = `There is no directory ${directory}, so nothing was done. See whether its disk is mounted, or name another one with --dir or backups.directory. Where no backup has been taken yet: ${takeOne}`;
  throw new OperationalError('BACKUP_NOT_FOUND', message);
}
