import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const defaultProfile = 'rehearsal.config.ts';
const otherNames = ['rehearsal.config.mts', 'rehearsal.config.js', 'rehearsal.config.mjs', 'rehearsal.config.cjs'];

/**
 * The profile of whoever names none: in the directory where they stand, or the nearest above it that has one. A profile is a
 * program: above, only one counts that has the owner of the directory, for anybody may write one to /tmp.
 * @returns its path; where there is none, the path where it was looked for first
 */
export function findDefaultProfile(directory = process.cwd()): string {
  const here = profilesIn(directory);
  const owner = ownerOf(directory);
  const above = parentsOf(directory).flatMap(profilesIn);
  return here[0] ?? above.find((file) => ownerOf(file) === owner) ?? join(directory, defaultProfile);
}

function profilesIn(directory: string): string[] {
  return [defaultProfile, ...otherNames].map((name) => join(directory, name)).filter((file) => existsSync(file));
}

function parentsOf(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [] : [parent, ...parentsOf(parent)];
}

function ownerOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.uid;
}
