import { resolve } from 'node:path';
import { OperationalError } from '../system/operational-error.ts';
import type { LoadedProfile } from './load-profile.ts';
import { describeProfileErrors } from './profile-errors.ts';
import { profileSchema, type Profile } from './profile.ts';

/** What is known of a database that nobody has written a profile for. */
export interface KnownOfDatabase {
  name: string;
  owner: string;
  ownership: Profile['ownership'];
  /** Besides the owner. */
  roles: string[];
  extensions: string[];
}

/**
 * The profile of a database that nobody has written one for.
 * @param directory where paths start from
 * @throws OperationalError PROFILE_INVALID
 */
export function assumeProfile(known: KnownOfDatabase, directory: string): Omit<LoadedProfile, 'file'> {
  const { name, owner, ...rest } = known;
  const parsed = profileSchema.safeParse({ name: profileName(name), database: { name, owner }, ...rest });
  if (!parsed.success) {
    const problems = describeProfileErrors(parsed.error)
      .map((problem) => problem.message)
      .join('; ');
    const message = `There is no profile, and what the backup says cannot be taken for one: ${problems}. Write a profile, and name it with --config FILE.`;
    throw new OperationalError('PROFILE_INVALID', message);
  }
  const { evidence } = parsed.data;
  return {
    directory,
    profile: { ...parsed.data, evidence: { ...evidence, directory: resolve(directory, evidence.directory) } },
  };
}

/** A database may have any name. Pure. */
export function profileName(database: string): string {
  return database.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|-+$/g, '') || 'database';
}
