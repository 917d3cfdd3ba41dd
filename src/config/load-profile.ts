import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { OperationalError } from '../system/operational-error.ts';
import { importProfile } from './import-profile.ts';
import { isPlain, mergeProfile, type Overrides } from './merge-profile.ts';
import { profileSchema, type Profile } from './profile.ts';
import { readProfileText } from './locate-key.ts';
import { describeProfileErrors, type ProfileProblem } from './profile-errors.ts';

/** A validated profile and the directory that its relative paths start from. */
export interface LoadedProfile {
  readonly file: string;
  readonly directory: string;
  readonly profile: Readonly<Profile>;
}

/** A profile as its file exports it. */
export interface ExportedProfile {
  readonly file: string;
  readonly directory: string;
  readonly exported: unknown;
}

/**
 * Reads a profile: a TypeScript or JavaScript file whose default export is a plain object.
 * @param file path of the file, relative to the working directory or absolute
 * @param overrides of one database, where the profile names several
 * @throws OperationalError PROFILE_INVALID with one line a problem; SEED_MISSING
 */
export async function loadProfile(file: string, overrides: Overrides | null = null): Promise<LoadedProfile> {
  return validateProfile(await readProfile(file), overrides);
}

/** @throws OperationalError PROFILE_INVALID */
export async function readProfile(file: string): Promise<ExportedProfile> {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new OperationalError('PROFILE_INVALID', `There is no profile at ${path}. Name one with --config FILE.`);
  }
  const exported = await importProfile(path);
  if (exported === undefined) {
    const message = `The profile ${path} has no default export. Let it say: export default { name: …, … };`;
    throw new OperationalError('PROFILE_INVALID', message);
  }
  return { file: path, directory: dirname(path), exported };
}

/** @throws OperationalError PROFILE_INVALID, SEED_MISSING */
export async function validateProfile(
  { file, directory, exported }: ExportedProfile,
  overrides: Overrides | null = null,
): Promise<LoadedProfile> {
  const parsed = profileSchema.safeParse(asOneDatabase(exported, file, overrides));
  if (!parsed.success) {
    const problems = await locate(describeProfileErrors(parsed.error), file);
    throw new OperationalError('PROFILE_INVALID', `The profile ${file} cannot be used:\n${problems.join('\n')}`);
  }
  return deepFreeze({ file, directory, profile: withAbsolutePaths(parsed.data, directory) });
}

/** One of several has the keys of the profile, and its own in place of them. */
function asOneDatabase(exported: unknown, file: string, overrides: Overrides | null): unknown {
  if (!isPlain(exported) || exported['databases'] === undefined) {
    return overrides === null || !isPlain(exported) ? exported : mergeProfile(exported, overrides);
  }
  const base = Object.fromEntries(Object.entries(exported).filter(([key]) => key !== 'databases'));
  if (overrides !== null) return mergeProfile(base, overrides);
  if (base['database'] !== undefined) return exported;
  const message = `The profile ${file} names several databases, and this command takes one. Say under "database" of the profile which one is meant elsewhere.`;
  throw new OperationalError('PROFILE_INVALID', message);
}

/** One line a problem, with line and column where the text of the profile has the key. */
async function locate(problems: ProfileProblem[], path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8')
    .then(readProfileText)
    .catch(() => null);
  return problems.map(({ path: keys, message }) => {
    const found = text?.placeOf(keys) ?? null;
    return `  - ${found === null ? '' : `line ${found.line}, column ${found.column}: `}${message}`;
  });
}

function withAbsolutePaths(profile: Profile, directory: string): Profile {
  const seed = profile.seed.map((file) => resolve(directory, file));
  for (const file of seed) {
    if (!existsSync(file) || !statSync(file).isFile()) {
      throw new OperationalError('SEED_MISSING', `The seed file ${file} does not exist. Mend "seed" in the profile.`);
    }
  }
  const { backups, evidence } = profile;
  return {
    ...profile,
    seed,
    ...(backups && { backups: withAbsoluteFiles(backups, directory) }),
    evidence: {
      ...evidence,
      directory: resolve(directory, evidence.directory),
      ...(evidence.metrics !== undefined && { metrics: resolve(directory, evidence.metrics) }),
      ...(evidence.signing && { signing: withAbsoluteKeys(evidence.signing, directory) }),
    },
  };
}

function withAbsoluteKeys(signing: NonNullable<Profile['evidence']['signing']>, directory: string): typeof signing {
  const { key, publicKey } = signing;
  return {
    ...signing,
    ...(key !== undefined && { key: resolve(directory, key) }),
    ...(publicKey !== undefined && { publicKey: resolve(directory, publicKey) }),
  };
}

function withAbsoluteFiles(backups: NonNullable<Profile['backups']>, directory: string): typeof backups {
  const { rcloneConfig, decrypt } = backups;
  return {
    ...backups,
    directory: resolve(directory, backups.directory),
    ...(rcloneConfig !== undefined && { rcloneConfig: resolve(directory, rcloneConfig) }),
    ...(decrypt && { decrypt: withAbsoluteSecrets(decrypt, directory) }),
  };
}

type Decrypt = NonNullable<NonNullable<Profile['backups']>['decrypt']>;

function withAbsoluteSecrets({ age, gpg, ...decrypt }: Decrypt, directory: string): Decrypt {
  const absolute = <Files extends Record<string, string | undefined>>(files: Files) =>
    Object.fromEntries(Object.entries(files).map(([key, file]) => [key, file && resolve(directory, file)])) as Files;
  return { ...decrypt, ...(age && { age: absolute(age) }), ...(gpg && { gpg: absolute(gpg) }) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
