import type { Inventory } from '../../config/databases-profile.ts';
import type { LoadedProfile } from '../../config/load-profile.ts';
import type { Environment } from '../../system/environment.ts';
import { leaveOut } from './leave-out.ts';
import { listByCommand } from './list-by-command.ts';
import { listInCompose } from './list-in-compose.ts';
import { listInDirectory } from './list-in-directory.ts';
import { listInFile } from './list-in-file.ts';
import { listOnServer } from './list-on-server.ts';
import type { Listed, ListingOptions } from './listed.ts';

type Kind = Exclude<keyof Inventory, 'except' | 'query'>;

/** Who reads which kind of list. */
const readers: Readonly<Record<Kind, (what: string, options: ListingOptions) => Promise<Listed>>> = {
  file: listInFile,
  command: (_, options) => listByCommand(options),
  server: listOnServer,
  compose: listInCompose,
  directory: listInDirectory,
};

type Databases = Record<string, unknown>[] | (() => unknown) | Inventory | undefined;

/**
 * Reads the list of databases that a profile holds, or says where it is.
 * @throws OperationalError PROFILE_INVALID, and what a server or a program throws
 */
export async function readInventory(
  databases: Databases,
  { file, directory, profile }: Pick<LoadedProfile, 'file' | 'directory' | 'profile'>,
  environment: Environment,
): Promise<Listed> {
  if (databases === undefined) {
    const { database } = profile;
    return { list: [{ name: database.alias ?? database.name, database }], from: file, leftOut: [] };
  }
  if (Array.isArray(databases)) return { list: databases, from: file, leftOut: [] };
  if (typeof databases === 'function') {
    return { list: await databases(), from: `what the function in ${file} returns`, leftOut: [] };
  }
  const kind = (Object.keys(readers) as Kind[]).find((each) => databases[each] !== undefined) ?? 'file';
  const what = databases[kind];
  const listed = await readers[kind](typeof what === 'string' ? what : '', {
    inventory: databases,
    directory,
    environment,
  });
  return leaveOut(listed, databases.except);
}
