import { mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Environment } from './environment.ts';
import { decodeOwner, encodeOwner, ownerPattern, ownOwner, type Owner } from './owner.ts';

/** What the name of a rehearsal's private directory says. */
export interface PrivateName {
  owner: Owner;
  /** The user asked for its server to be kept: it outlives its owner. */
  kept: boolean;
}

const namePattern = new RegExp(`^restore-rehearsal-([rk])(${ownerPattern})-[0-9a-z]{6}$`, 'i');

/**
 * Makes the private directory of a rehearsal. Name and directory come into being in one step, so that there is no moment
 * at which nobody could tell whose it is. At most 42 characters, 36 on macOS: it holds a Unix socket.
 */
export async function makePrivateDirectory(parent: string, kept: boolean, path: string): Promise<string> {
  const owner = encodeOwner(await ownOwner(path), 'short');
  return mkdtemp(join(parent, `restore-rehearsal-${kept ? 'k' : 'r'}${owner}-`));
}

/** A private directory for as long as something is done. */
export async function usePrivateDirectory({
  temporaryDirectory,
  path,
}: Pick<Environment, 'temporaryDirectory' | 'path'>): Promise<{ directory: string } & AsyncDisposable> {
  const directory = await makePrivateDirectory(temporaryDirectory, false, path);
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}

/** Reads the name of a private directory, or a rehearsal's id, which is the same in lower case. `null` for any other. Pure. */
export function parsePrivateName(directory: string): PrivateName | null {
  const [, kept, text = ''] = namePattern.exec(basename(directory)) ?? [];
  const owner = decodeOwner(text);
  return owner === null ? null : { owner, kept: kept === 'k' };
}
