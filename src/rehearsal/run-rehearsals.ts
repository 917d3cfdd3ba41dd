import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter } from 'vitest/node';
import { closest } from 'fastest-levenshtein';
import { readEnvironment, withTemporaryDirectory } from '../system/environment.ts';
import { listBackups } from '../backup/inventory.ts';
import type { Profile } from '../config/profile.ts';
import type { Settings } from '../config/settings.ts';
import { usePrivateDirectory } from '../system/private-directory.ts';
import { OperationalError } from '../system/operational-error.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const suffix = '.rehearsal.ts';

/** Names of the rehearsals there are, without their suffix. */
export async function listRehearsals(): Promise<string[]> {
  const files = await readdir(join(root, 'rehearsals'));
  return files
    .filter((file) => file.endsWith(suffix))
    .map((file) => basename(file, suffix))
    .toSorted();
}

/**
 * The files that the settings ask for: by name, or by the path of a suite.
 * @throws OperationalError BAD_USAGE for a name that is none
 */
export async function selectRehearsals(
  settings: Settings,
  profile: Pick<Profile, 'backups' | 'database'>,
): Promise<string[]> {
  const { rehearsals, all } = settings;
  const known = await listRehearsals();
  const names = all ? known : rehearsals.length > 0 ? rehearsals : await defaultRehearsals(settings, profile);
  return names.map((name) => {
    if (name.endsWith(suffix)) return resolve(name);
    if (known.includes(name)) return join(root, 'rehearsals', `${name}${suffix}`);
    const message = `There is no rehearsal "${name}"; did you mean "${closest(name, known)}"? All there are: ${known.join(', ')}.`;
    throw new OperationalError('BAD_USAGE', message);
  });
}

/** What a flag says of a backup is for the rehearsal of backups; the profile's directory is rehearsed where it holds one. */
async function defaultRehearsals(
  { backup, fromOffsite, source }: Settings,
  { backups, database }: Pick<Profile, 'backups' | 'database'>,
): Promise<string[]> {
  if (backup !== null || fromOffsite || source !== null) return ['latest-backup'];
  const stored = backups === undefined ? [] : await listBackups(backups.directory, database.name);
  return stored.length === 0 ? ['clean-state'] : ['clean-state', 'latest-backup'];
}

/**
 * Loads Vitest. Before a profile is read, it takes half of the time: from then on all that is imported goes through the hooks of
 * tsx.
 */
export const loadRunner = () => import('vitest/node');

/**
 * Runs rehearsals with Vitest. What came of them is for the reporters to see.
 * @param interrupted aborted when the run is to be cancelled: steps are ended and everything is removed first
 */
export async function runRehearsals(
  files: string[],
  settings: Settings,
  reporters: Reporter[],
  interrupted: AbortSignal,
): Promise<void> {
  const { createVitest } = await loadRunner();
  const keepOwnHandlers = rememberHandlers();
  // Vitest's temp files have random names: in a directory of ours they are found should this process be killed.
  await using own = await usePrivateDirectory(readEnvironment());
  const options = { ...fixedOptions, reporters, maxWorkers: settings.jobs };
  const vitest = await withTemporaryDirectory(own.directory, () => createVitest('test', options, fromCompiled));
  keepOwnHandlers();
  try {
    vitest.provide('settings', settings);
    const cancel = () => void vitest.cancelCurrentRun('keyboard-input');
    interrupted.addEventListener('abort', cancel, { once: true });
    if (!interrupted.aborted) await vitest.start(files);
  } finally {
    await vitest.close();
  }
}

const fixedOptions = {
  root,
  // All that is to be said is here: what vitest.config.ts says is for the tests.
  config: false as const,
  include: [`rehearsals/**/*${suffix}`, `fixtures/**/*${suffix}`],
  watch: false,
  run: true,
  pool: 'forks' as const,
  // Every step has deadlines of its own, which say what they waited for.
  testTimeout: 0,
  hookTimeout: 120_000,
  // For reports that name the line of a step.
  includeTaskLocation: true,
};

/** Where scripts/compiled.mjs has put this module. Elsewhere, what runs is TypeScript. */
declare const COMPILED_TO: string | undefined;

/** A rehearsal has the modules that are compiled already: Node.js loads them in a fifth of the time that Vite takes to. */
const fromCompiled =
  typeof COMPILED_TO === 'undefined'
    ? {}
    : { resolve: { alias: [{ find: /^(?:\.\.\/)+src\/(.*)\.ts$/, replacement: `${COMPILED_TO}/src/$1.mjs` }] } };

/** Vitest ends the process on a signal there and then. Ours cancels the run, which removes everything first. */
function rememberHandlers(): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const own = new Set(signals.flatMap((signal) => process.listeners(signal)));
  return () => {
    for (const signal of signals) {
      for (const listener of process.listeners(signal)) if (!own.has(listener)) process.off(signal, listener);
    }
  };
}
