import { randomBytes } from 'node:crypto';
import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readEnvironment } from './environment.ts';
import { decodeOwner, encodeOwner, judgeOwner, ownerPattern, ownOwner } from './owner.ts';

/** What a sweep removed, and what it could not, in words. */
export interface Sweep {
  removed: string[];
  failed: string[];
}

const draftPattern = new RegExp(`^\\..+-(${ownerPattern})-[0-9a-f]{8}$`);

/** A path for something that is written aside before it gets its name. It says who writes it. */
export async function draftPath(directory: string, name: string): Promise<string> {
  const owner = encodeOwner(await ownOwner(readEnvironment().path), 'full');
  return join(directory, `.${name}-${owner}-${randomBytes(4).toString('hex')}`);
}

/** The drafts in a directory whose writer was killed, by name. Those of other accounts and machines are passed over. */
export async function findDrafts(directory: string): Promise<string[]> {
  const drafts: string[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    const owner = decodeOwner(draftPattern.exec(name)?.[1] ?? '');
    if (owner === null || (await judgeOwner(owner, readEnvironment().path)) !== 'dead') continue;
    const { uid } = await lstat(join(directory, name)).catch(() => ({ uid: null }));
    if (uid === process.getuid?.()) drafts.push(name);
  }
  return drafts;
}

/** Whether another process of this machine, one that lives, has a draft of this name in a directory. */
export async function hasLiveDraft(directory: string, name: string, own: string): Promise<boolean> {
  for (const draft of await readdir(directory)) {
    if (draft === basename(own) || !draft.startsWith(`.${name}-`)) continue;
    const owner = decodeOwner(draftPattern.exec(draft)?.[1] ?? '');
    if (owner !== null && (await judgeOwner(owner, readEnvironment().path)) === 'alive') return true;
  }
  return false;
}

/** Removes the drafts in a directory whose writer was killed. Never throws: what is written now does not depend on them. */
export async function removeDrafts(directory: string): Promise<Sweep> {
  const sweep: Sweep = { removed: [], failed: [] };
  for (const name of await findDrafts(directory).catch(() => [])) {
    const draft = join(directory, name);
    try {
      await rm(draft, { recursive: true, force: true });
      sweep.removed.push(draft);
    } catch (error) {
      sweep.failed.push(`${draft} (${error instanceof Error ? error.message : String(error)})`);
    }
  }
  return sweep;
}
