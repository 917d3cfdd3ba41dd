/** `npm run doctor`: says what works here, what mends the rest, and what killed rehearsals left. */
import { resolve } from 'node:path';
import { chalk } from 'zx';
import { readDoctorSettings, type DoctorSettings } from '../src/config/doctor-settings.ts';
import { readEnvironment, type Environment } from '../src/config/environment.ts';
import { nearby, suggest } from '../src/config/suggest.ts';
import { loadProfile } from '../src/config/load-profile.ts';
import type { Profile } from '../src/config/profile.ts';
import { applySettings } from '../src/config/settings.ts';
import { examineDocker, examineLocal } from '../src/doctor/engines.ts';
import { isFit, type Diagnosis } from '../src/doctor/diagnosis.ts';
import { examineNode, examineReports, examineTemporaryDirectory } from '../src/doctor/machine.ts';
import { examinePrograms } from '../src/doctor/programs.ts';
import { renderExaminations, renderKept, renderLeftovers, renderSweep } from '../src/doctor/report.ts';
import type { DockerState } from '../src/engine/docker-check.ts';
import type { Unavailable } from '../src/engine/engine.ts';
import { describeLeftover, findLeftovers, removeLeftovers, type KeptServer } from '../src/files/leftovers.ts';
import { findDrafts, removeDrafts, type Sweep } from '../src/files/drafts.ts';
import { OperationalError } from '../src/system/operational-error.ts';

const help = `Usage: npm run doctor -- [flags]

Says which engines and tools work here, and the command that mends what does not; then
what killed rehearsals left behind, and which servers were kept on request.

  --clean          remove what killed rehearsals left behind
  --engine NAME    engine that has to work: auto, docker or local
  --image IMAGE    image for the docker engine, in place of the profile's
  --config FILE    profile; default: rehearsal.config.ts
  --reports DIR    where evidence goes, in place of the profile's directory
  --help           this text

Every flag has a variable: REHEARSAL_CLEAN, REHEARSAL_IMAGE, … The local engine looks for
PostgreSQL's programs in REHEARSAL_PG_BINDIR, if it is set.

Exit status: 0 a rehearsal can run here, 2 it cannot, or something could not be removed.`;

const unfit = 2;

try {
  process.exitCode = await main(readDoctorSettings(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof OperationalError ? chalk.red(error.message) : error);
  process.exitCode = unfit;
}

async function main(settings: DoctorSettings): Promise<number> {
  if (settings.help) {
    console.log(help);
    return 0;
  }
  const environment = readEnvironment();
  const loaded = await examineProfile(settings);
  const { postgres, reports } = loaded;
  // Testcontainers takes half a second to load.
  const { inspectDocker } = await import('../src/engine/docker-check.ts');
  const docker = await inspectDocker(postgres.image, environment, new AbortController().signal);
  const engines = [examineDocker(docker, postgres.image), await examineLocal(environment, postgres.image)];
  const machine = [
    examineNode(process.versions.node),
    loaded.examination,
    await examineTemporaryDirectory(environment),
    ...(reports === null ? [] : [await examineReports(reports)]),
  ];
  console.log(`${chalk.bold('restore-rehearsal doctor')}\n`);
  console.log(renderExaminations('engines', engines));
  console.log(renderExaminations('this machine', machine));
  console.log(renderExaminations('for backups', await examinePrograms(environment.path)));
  const isClean = await showLeftovers(settings, environment, docker, reports);
  return isFit(machine, engines, postgres.engine) && isClean ? 0 : unfit;
}

interface Loaded {
  examination: Diagnosis;
  postgres: Profile['postgres'];
  reports: string | null;
}

/** Where the profile cannot be used, everything is looked at all the same. */
async function examineProfile({ config, engine, image, reports }: DoctorSettings): Promise<Loaded> {
  const name = 'profile';
  const given = { engine, image, reports: reports === null ? null : resolve(reports) };
  try {
    const { profile, file } = await loadProfile(config);
    const { postgres, evidence } = applySettings(profile, given);
    const text = `${profile.name}, engine ${postgres.engine} (${file})`;
    return { examination: { name, state: 'works', text }, postgres, reports: evidence.directory };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return {
      examination: { name, state: 'broken', text: error.message },
      postgres: { engine: engine ?? 'auto', image: image ?? 'postgres:16-alpine' },
      reports: given.reports,
    };
  }
}

/** Resolves with whether everything that was to be removed is gone. */
async function showLeftovers(
  { clean, config, engine, image, reports: given }: DoctorSettings,
  environment: Environment,
  docker: DockerState | Unavailable,
  reports: string | null,
): Promise<boolean> {
  const here = await findLeftovers(environment);
  const there = 'remedy' in docker ? { leftovers: [], kept: [] } : docker;
  // The directory of a server in Docker is told, and ended, with its container.
  const named = new Set(there.kept.map(({ name }) => name));
  const kept = [...here.kept.filter(({ name }) => !named.has(name)), ...there.kept];
  if (!clean) {
    const drafts = reports === null ? [] : (await findDrafts(reports)).map((name) => resolve(reports, name));
    const all = [...here.leftovers.map(describeLeftover), ...there.leftovers, ...drafts];
    const flags = { clean: true, config, engine, image, reports: given && nearby(given) };
    console.log(renderLeftovers(all, suggest('doctor', flags)));
    showKept(kept);
    return true;
  }
  const sweeps: Sweep[] = [
    await removeLeftovers(environment),
    'remedy' in docker ? { removed: [], failed: [] } : await docker.removeLeftovers(),
    reports === null ? { removed: [], failed: [] } : await removeDrafts(reports),
  ];
  const failed = sweeps.flatMap((sweep) => sweep.failed);
  console.log(renderSweep({ removed: sweeps.flatMap((sweep) => sweep.removed), failed }));
  showKept(kept);
  return failed.length === 0;
}

function showKept(kept: KeptServer[]): void {
  if (kept.length > 0) console.log(renderKept(kept));
}
