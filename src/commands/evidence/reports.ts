import { typed } from '../../terminal/suggest.ts';
import { resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import { loadProfile, type LoadedProfile } from '../../config/load-profile.ts';
import type { Profile } from '../../config/profile.ts';
import { readLedger, type Chain } from '../../evidence/ledger/read-ledger.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { findDefaultProfile } from '../../terminal/default-profile.ts';
import { config, ofRehearsals } from '../flags.ts';

/** Flags of what works on a directory of evidence. */
export const reportsFlags = { reports: ofRehearsals.reports, config };

interface Where {
  reports: string | null;
  config: string;
}

/**
 * The directory that is meant: the one that is named, or that of the profile.
 * @throws OperationalError BAD_USAGE where there is none, or several are named
 */
export async function findReports(where: Where, names: string[]): Promise<string> {
  return (await findEvidence(where, names)).directory;
}

/**
 * The same, with what the profile says of evidence. Who names a directory may have it from somebody else: no profile is read then,
 * which is a program.
 */
export async function findEvidence(
  { reports, config: profile }: Where,
  names: string[],
): Promise<{ directory: string; ofProfile: Profile['evidence'] | null }> {
  const [named, more] = names;
  if (more !== undefined) throw new OperationalError('BAD_USAGE', `Name one directory, not ${names.join(' and ')}.`);
  const given = named === undefined ? reports : resolve(named);
  const ofProfile = given === null ? (await loadProfile(profile)).profile.evidence : null;
  const directory = given ?? ofProfile?.directory ?? '';
  const found = await stat(directory).catch(() => null);
  if (found?.isDirectory() === true) return { directory, ofProfile };
  throw new OperationalError('BAD_USAGE', `There is no directory ${directory}. Name the one that holds evidence.`);
}

/**
 * The profile; null where none is named and none is there, as where somebody has nothing but the evidence.
 * @throws OperationalError PROFILE_INVALID
 */
export async function findProfile({ config: file }: Pick<Where, 'config'>): Promise<LoadedProfile | null> {
  const isThere = (await stat(file).catch(() => null)) !== null;
  return !isThere && file === findDefaultProfile() ? null : loadProfile(file);
}

/**
 * The ledger, which has to be there.
 * @throws OperationalError BAD_USAGE
 */
export async function readLedgerOf(reports: string): Promise<Chain> {
  const chain = await readLedger(reports);
  if (chain !== null) return chain;
  const message = `There is no ledger in ${reports}, or nothing in it. Rehearse first, or take older evidence in: ${typed('evidence adopt')}`;
  throw new OperationalError('BAD_USAGE', message);
}

/**
 * The one word beside the flags that names a run.
 * @throws OperationalError BAD_USAGE
 */
export function oneRun(names: string[], command: string): string {
  const [run, more] = names;
  if (run !== undefined && more === undefined) return run;
  const instead = more === undefined ? '' : `, not ${names.join(' and ')}`;
  const message = `Name one run${instead}: its id, the start of it, or its directory. ${typed('evidence list')} shows them. Try: ${typed(`evidence ${command}`)} --help`;
  throw new OperationalError('BAD_USAGE', message);
}
