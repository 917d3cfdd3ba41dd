import { OperationalError } from '../../system/operational-error.ts';
import { physicalTools } from './tools.ts';

/**
 * Physical backups are no dumps, and nothing here restores them.
 * @throws OperationalError BACKUP_NOT_FOUND where the paths are those of a repository of one
 */
export function findPhysical(paths: string[]): void {
  for (const { name, file } of physicalTools) {
    const found = paths.find((path) => file.test(path));
    if (found === undefined) continue;
    const message = `What lies there was written by ${name} (${found}): physical backups, copies of a server’s files. Dumps of pg_dump are taken here. Try those with ${name} itself, and dump the server that it restores.`;
    throw new OperationalError('BACKUP_NOT_FOUND', message);
  }
}
