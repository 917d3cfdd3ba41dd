import { OperationalError } from '../../system/operational-error.ts';
import { physicalTools } from './tools.ts';
import { typedAnywhere } from '../../terminal/suggest.ts';

/**
 * Physical backups are no dumps, and nothing here restores them.
 * @throws OperationalError BACKUP_NOT_FOUND where the paths are those of a repository of one
 */
export function findPhysical(paths: string[]): void {
  for (const { name, file } of physicalTools) {
    const found = paths.find((path) => file.test(path));
    if (found === undefined) continue;
    const message = `What lies there was written by ${name} (${found}): physical backups, copies of a server’s files. What is rehearsed here are dumps of pg_dump. Try those with ${name} itself, or dump the server that it restores: ${typedAnywhere('rehearse --source URL')}.`;
    throw new OperationalError('BACKUP_NOT_FOUND', message);
  }
}
