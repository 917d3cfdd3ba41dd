import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { rehearsalName, rehearsalSuffix } from '../evidence/rehearsal-name.ts';
import { OperationalError } from '../system/operational-error.ts';
import { isPackage, root } from '../system/place.ts';
import { oneLine } from '../terminal/one-line.ts';

/** A rehearsal that can be run by its name. */
export interface KnownRehearsal {
  readonly name: string;
  readonly file: string;
  /** What it does: the first paragraph of the comment that its file starts with; empty where there is none. */
  readonly about: string;
  /** Whose it is: one of the user's, beside the profile, stands for one of ours that has the same name. */
  readonly origin: 'ours' | 'yours' | 'yours, in place of ours';
}

const ownDirectory = join(root, isPackage ? 'dist/rehearsals' : 'rehearsals');

/** Rehearsals of ours, and those in the directory `rehearsals` beside the profile, by name. */
export async function listRehearsals(profileFile: string): Promise<KnownRehearsal[]> {
  const theirDirectory = join(dirname(resolve(profileFile)), 'rehearsals');
  const ours = new Map((await filesIn(ownDirectory)).map((file) => [rehearsalName(file), file]));
  const theirs = theirDirectory === ownDirectory ? [] : await filesIn(theirDirectory);
  const byName = new Map<string, Omit<KnownRehearsal, 'about'>>();
  for (const [name, file] of ours) byName.set(name, { name, file, origin: 'ours' });
  for (const file of theirs) {
    const name = rehearsalName(file);
    byName.set(name, { name, file, origin: ours.has(name) ? 'yours, in place of ours' : 'yours' });
  }
  const sorted = [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(sorted.map(async (each) => ({ ...each, about: await readAbout(each.file) })));
}

/**
 * The file of a rehearsal: by its name, or by the path of a suite.
 * @throws OperationalError BAD_USAGE for a name that is none
 */
export function findRehearsal(given: string, known: KnownRehearsal[]): string {
  if (rehearsalSuffix.test(given)) return resolve(given);
  const found = known.find(({ name }) => name === given);
  if (found !== undefined) return found.file;
  const names = known.map(({ name }) => name);
  const message = `There is no rehearsal "${given}"; did you mean "${closest(given, names)}"? All there are: ${names.join(', ')}.`;
  throw new OperationalError('BAD_USAGE', message);
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => !entry.isDirectory() && rehearsalSuffix.test(entry.name));
  return files.map(({ name }) => join(directory, name));
}

async function readAbout(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [, comment = ''] = /^\s*\/\*\*(.*?)\*\//s.exec(text) ?? [];
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trim());
  const [paragraph = ''] = lines.join('\n').trim().split('\n\n');
  return oneLine(paragraph);
}
