import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { readEnvironment, type Environment } from '../system/environment.ts';
import { loadProfile, type LoadedProfile } from '../config/load-profile.ts';
import type { Profile } from '../config/profile.ts';
import { applySettings } from '../config/settings.ts';
import { suggest } from '../terminal/suggest.ts';
import { isFit, type Diagnosis } from '../doctor/diagnosis.ts';
import { examineChoice, examineDocker, examineLocal } from '../doctor/engines.ts';
import { examineNode, examineReports, examineTemporaryDirectory } from '../doctor/machine.ts';
import { examinePrograms } from '../doctor/programs.ts';
import { examinePlaces } from './doctor/examine-places.ts';
import { renderExaminations, renderKept, renderLeftovers, renderSweep } from './doctor/report.ts';
import type { DockerState } from '../engine/docker-check.ts';
import type { Unavailable } from '../engine/engine.ts';
import { removeDeadTurn } from '../evidence/ledger/append.ts';
import { findDrafts, removeDrafts, type Sweep } from '../system/drafts.ts';
import { describeLeftover, findLeftovers, removeLeftovers } from '../system/leftovers.ts';
import { OperationalError } from '../system/operational-error.ts';
import { nearby } from '../terminal/nearby.ts';
import { defineCommand, type Options } from './command.ts';
import { config, ofRehearsals, toggle } from './flags.ts';

export const flags = {
  clean: toggle('remove what killed rehearsals left behind'),
  engine: ofRehearsals.engine('engine that has to work: auto, docker or local'),
  image: ofRehearsals.image,
  config,
  reports: ofRehearsals.reports,
};

/** Says what works here, what mends the rest, and what killed rehearsals left. */
export const doctorCommand = defineCommand({
  name: 'doctor',
  about: [
    'Says which engines and tools work here, and the command that mends what does not; then what the profile names (database, backups, their copies, application), what killed rehearsals left behind, and which servers were kept on request.',
  ],
  flags,
  notes: ['The local engine looks for PostgreSQL’s programs in REHEARSAL_PG_BINDIR, if it is set.'],
  exitStatus:
    '0 a rehearsal can run here, 2 it cannot, or something could not be removed. What the profile names and does not answer changes nothing: a rehearsal of a dump does without.',

  async run(options) {
    const environment = readEnvironment();
    const { postgres, reports, examination, loaded } = await examineProfile(options);
    // Testcontainers takes half a second to load.
    const { inspectDocker } = await import('../engine/docker-check.ts');
    const docker = await inspectDocker(postgres.image, environment, new AbortController().signal);
    const engines = [examineDocker(docker, postgres.image), await examineLocal(environment, postgres.image)] as const;
    const machine = [
      examineNode(process.versions.node),
      examination,
      await examineTemporaryDirectory(environment),
      ...(reports === null ? [] : [await examineReports(reports)]),
    ];
    console.log(`${styleText('bold', 'restore-rehearsal doctor')}\n`);
    console.log(renderExaminations('engines', [...engines, examineChoice(...engines, postgres.engine)]));
    console.log(renderExaminations('this machine', machine));
    const places = loaded === null ? [] : await examinePlaces(loaded, environment);
    if (places.length > 0) console.log(renderExaminations('what the profile names', places));
    console.log(renderExaminations('for backups', await examinePrograms(environment.path)));
    const isClean = await showLeftovers(options, environment, docker, reports);
    return isFit(machine, [...engines], postgres.engine) && isClean ? 'done' : 'could-not-run';
  },
});

interface Loaded {
  examination: Diagnosis;
  postgres: Profile['postgres'];
  reports: string | null;
  /** null where the profile cannot be used. */
  loaded: LoadedProfile | null;
}

/** Where the profile cannot be used, everything is looked at all the same. */
async function examineProfile({ config: path, engine, image, reports }: Options<typeof flags>): Promise<Loaded> {
  const name = 'profile';
  try {
    const loaded = await loadProfile(path);
    const { profile, file } = loaded;
    const { postgres, evidence } = applySettings(profile, { engine, image, reports });
    const text = `${profile.name}, engine ${postgres.engine} (${file})`;
    return { examination: { name, state: 'works', text }, postgres, reports: evidence.directory, loaded };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return {
      examination: { name, state: 'broken', text: error.message },
      postgres: { engine: engine ?? 'auto', image: image ?? 'postgres:16-alpine' },
      reports,
      loaded: null,
    };
  }
}

type Docker = DockerState | Unavailable;

/** Resolves with whether everything that was to be removed is gone. */
async function showLeftovers(
  options: Options<typeof flags>,
  environment: Environment,
  docker: Docker,
  reports: string | null,
): Promise<boolean> {
  const here = await findLeftovers(environment);
  const there = 'remedy' in docker ? { leftovers: [], kept: [] } : docker;
  // The directory of a server in Docker is reported, and ended, with its container.
  const named = new Set(there.kept.map(({ name }) => name));
  const kept = [...here.kept.filter(({ name }) => !named.has(name)), ...there.kept];
  const sweep = options.clean ? await sweepAll(environment, docker, reports) : null;
  if (sweep === null) {
    const drafts = reports === null ? [] : (await findDrafts(reports)).map((name) => resolve(reports, name));
    const all = [...here.leftovers.map(describeLeftover), ...there.leftovers, ...drafts];
    const again = { ...options, clean: true, reports: options.reports && nearby(options.reports) };
    console.log(renderLeftovers(all, suggest('doctor', again)));
  } else console.log(renderSweep(sweep));
  if (kept.length > 0) console.log(renderKept(kept));
  return sweep === null || sweep.failed.length === 0;
}

async function sweepAll(environment: Environment, docker: Docker, reports: string | null): Promise<Sweep> {
  if (reports !== null) await removeDeadTurn(reports);
  const sweeps = [
    await removeLeftovers(environment),
    ...('remedy' in docker ? [] : [await docker.removeLeftovers()]),
    ...(reports === null ? [] : [await removeDrafts(reports)]),
  ];
  return { removed: sweeps.flatMap(({ removed }) => removed), failed: sweeps.flatMap(({ failed }) => failed) };
}
