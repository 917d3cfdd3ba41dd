import { constants } from 'node:fs';
import { access, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Environment } from '../system/environment.ts';
import { makePrivateDirectory } from '../system/private-directory.ts';
import { socketPathFits } from '../engine/socket.ts';
import type { Diagnosis } from './diagnosis.ts';

const [oldestMajor, oldestMinor] = [20, 19];

/** Whether this Node.js is new enough. Pure. */
export function examineNode(version: string): Diagnosis {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  if (isNew) return { name: 'Node.js', state: 'works', text: version };
  const text = `${version}, and ${oldestMajor}.${oldestMinor} is the oldest that will do`;
  return { name: 'Node.js', state: 'broken', text, remedy: 'install a newer one from https://nodejs.org' };
}

/** Whether rehearsals can have private directories in the temp directory. */
export async function examineTemporaryDirectory({ temporaryDirectory, path }: Environment): Promise<Diagnosis> {
  const name = 'temp files';
  const remedy = 'export TMPDIR=/tmp, or another short path of a directory that this account may write to';
  try {
    // Made as a rehearsal makes its own: should the doctor be killed, it is found.
    const directory = await makePrivateDirectory(temporaryDirectory, false, path);
    await rm(directory, { recursive: true });
    if (!socketPathFits(join(directory, 'pg'))) {
      return { name, state: 'broken', text: `${temporaryDirectory} is too long for the path of a Unix socket`, remedy };
    }
    const { bavail, bsize } = await statfs(temporaryDirectory);
    return { name, state: 'works', text: `${temporaryDirectory}, ${inGigabytes(bavail * bsize)} GB free` };
  } catch (error) {
    return { name, state: 'broken', text: `${temporaryDirectory} cannot be written to (${describe(error)})`, remedy };
  }
}

/** Whether evidence can be written. The directory is made by the first rehearsal. */
export async function examineReports(directory: string): Promise<Diagnosis> {
  const name = 'evidence';
  try {
    await access(await nearestExisting(directory), constants.W_OK | constants.X_OK);
    return { name, state: 'works', text: directory };
  } catch (error) {
    const text = `${directory} cannot be written to (${describe(error)})`;
    return { name, state: 'broken', text, remedy: 'name another directory with --reports' };
  }
}

async function nearestExisting(directory: string): Promise<string> {
  const exists = await access(directory).then(
    () => true,
    () => false,
  );
  return exists || directory === dirname(directory) ? directory : nearestExisting(dirname(directory));
}

function inGigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0);
}

function describe(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
