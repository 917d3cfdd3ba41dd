import { constants } from 'node:fs';
import { chown, copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from '../system/account.ts';

/** Makes a private directory for an account; null is our own. */
export async function makeDirectory(directory: string, account: Account | null): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  if (account !== null) await chown(directory, account.uid, account.gid);
}

/** Writes a private file for an account; null is our own. */
export async function writePrivateFile(file: string, content: string, account: Account | null): Promise<void> {
  await writeFile(file, content, { mode: 0o600 });
  if (account !== null) await chown(file, account.uid, account.gid);
}

/** Copies a file, or the files in a directory, for another account. Links in an archive lead to what is none of its business. */
export async function copyFor(account: Account, source: string, target: string): Promise<void> {
  if ((await stat(source)).isDirectory()) {
    await makeDirectory(target, account);
    const entries = await readdir(source, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    for (const name of files) await copyFor(account, join(source, name), join(target, name));
    return;
  }
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chown(target, account.uid, account.gid);
}
