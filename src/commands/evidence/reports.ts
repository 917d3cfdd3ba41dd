import { resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import { loadProfile } from '../../config/load-profile.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { config, ofRehearsals } from '../flags.ts';

/** Flags of what works on a directory of evidence. */
export const reportsFlags = { reports: ofRehearsals.reports, config };

/**
 * The directory that is meant: the one that is named, or that of the profile.
 * @throws OperationalError BAD_USAGE where there is none, or several are named
 */
export async function findReports(
  { reports, config: profile }: { reports: string | null; config: string },
  names: string[],
): Promise<string> {
  const [named, more] = names;
  if (more !== undefined) throw new OperationalError('BAD_USAGE', `Name one directory, not ${names.join(' and ')}.`);
  const directory =
    named === undefined ? (reports ?? (await loadProfile(profile)).profile.evidence.directory) : resolve(named);
  const found = await stat(directory).catch(() => null);
  if (found?.isDirectory() === true) return directory;
  throw new OperationalError('BAD_USAGE', `There is no directory ${directory}. Name the one that holds evidence.`);
}
