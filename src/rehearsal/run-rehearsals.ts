import { extname } from 'node:path';
import type { Reporter } from 'vitest/node';
import type { Profile } from '../config/profile.ts';
import type { Settings } from '../config/settings.ts';
import { fleetName } from '../evidence/fleet.ts';
import { nightName } from '../evidence/night.ts';
import { rehearsalName } from '../evidence/rehearsal-name.ts';
import { OperationalError } from '../system/operational-error.ts';
import { root } from '../system/place.ts';
import { nearby } from '../terminal/nearby.ts';
import { defaultRehearsals } from './default-rehearsals.ts';
import { findRehearsal, listRehearsals, type KnownRehearsal } from './known-rehearsals.ts';
import { moduleOf, type WorkerPool } from './runner/pool.ts';

/**
 * The files that the settings ask for: by name, or by the path of a suite.
 * @throws OperationalError BAD_USAGE for a name that is none
 */
export async function selectRehearsals(
  settings: Settings,
  profile: Pick<Profile, 'backups' | 'database' | 'seed' | 'sources'>,
): Promise<string[]> {
  const { rehearsals, all, config } = settings;
  const known = await listRehearsals(config);
  const names = all || rehearsals.length > 0 ? rehearsals : await defaultRehearsals(settings, profile);
  const files = all ? known.filter(isOfAll).map(({ file }) => file) : names.map((name) => findRehearsal(name, known));
  for (const file of files) assertOwnName(file);
  return files;
}

/** An upgrade asks for a newer PostgreSQL, and says nothing of a backup: it is run where somebody names it. */
function isOfAll({ name, origin }: KnownRehearsal): boolean {
  return name !== 'upgrade' || origin !== 'ours';
}

/** What has the name of a night would be taken for one, in evidence, metrics and the history. */
function assertOwnName(file: string): void {
  const name = rehearsalName(file);
  if (name !== nightName && name !== fleetName) return;
  const message = `${nearby(file)} has a name that is taken: evidence of several rehearsals together is called "${name}". Give the file another name, ${name}-drill.rehearsal${extname(file)}.`;
  throw new OperationalError('BAD_USAGE', message);
}

/**
 * Loads Vitest. Before a profile is read, it takes half of the time: from then on all that is imported goes through the hooks of
 * tsx.
 */
export const loadRunner = () => import('vitest/node');

/**
 * Runs rehearsals with Vitest. What came of them is for the reporters to see.
 * @param pool of whoever wants them to load early
 * @param interrupted aborted when the run is to be cancelled: steps are ended and everything is removed first
 */
export async function runRehearsals(
  files: string[],
  settings: Settings,
  reporters: Reporter[],
  pool: WorkerPool,
  interrupted: AbortSignal,
): Promise<void> {
  const { createVitest } = await loadRunner();
  const keepOwnHandlers = rememberHandlers();
  const options = { ...fixedOptions, reporters, pool, maxWorkers: settings.jobs };
  const vitest = await createVitest('test', options);
  keepOwnHandlers();
  try {
    vitest.provide('settings', settings);
    const cancel = () => void vitest.cancelCurrentRun('keyboard-input');
    interrupted.addEventListener('abort', cancel, { once: true });
    await vitest.standalone();
    const project = vitest.getRootProject();
    const rehearsals = files.map((file) => project.createSpecification(file));
    if (!interrupted.aborted) await vitest.runTestSpecifications(rehearsals, true);
  } finally {
    await vitest.close();
  }
}

const fixedOptions = {
  root,
  // All that is to be said is here: what vitest.config.ts says is for the tests.
  config: false as const,
  // Files are named: nothing is looked for.
  include: [],
  watch: false,
  run: true,
  runner: moduleOf('test-runner'),
  // Every step has deadlines of its own, which say what they waited for.
  testTimeout: 0,
  hookTimeout: 120_000,
  // Node.js loads the files, as src/rehearsal/runner/ has it.
  experimental: { viteModuleRunner: false, nodeLoader: false },
};

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
