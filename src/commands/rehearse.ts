import { annotationReporter, clearJunit, junitReporter } from './rehearse/reporters.ts';
import { join } from 'node:path';
import { readEnvironment } from '../system/environment.ts';
import type { LoadedProfile } from '../config/load-profile.ts';
import { controlFrameworks } from '../config/evidence-profile.ts';
import { ProgressReporter } from '../evidence/progress.ts';
import { historyFile } from '../evidence/history/write-history.ts';
import type { Outcome } from '../evidence/outcome.ts';
import { EvidenceReporter, type PublishRun, type Reporting } from '../evidence/reporter.ts';
import { page } from '../evidence/sinks/page.ts';
import { combineVerdicts } from '../evidence/verdict.ts';
import { defaultSource } from '../rehearsal/default-rehearsals.ts';
import { openProfile } from '../rehearsal/open-profile.ts';
import { removeLeftovers } from '../system/leftovers.ts';
import { listRehearsals } from '../rehearsal/known-rehearsals.ts';
import { loadRunner, runRehearsals, selectRehearsals } from '../rehearsal/run-rehearsals.ts';
import { WorkerPool } from '../rehearsal/runner/pool.ts';
import { interruption } from '../system/interruption.ts';
import { openFile } from '../system/open-file.ts';
import { OperationalError } from '../system/operational-error.ts';
import { nearby } from '../terminal/nearby.ts';
import { defineCommand, type Options } from './command.ts';
import { findPlan } from './fleet/find-plan.ts';
import { rehearsePlan } from './fleet/rehearse-plan.ts';
import { openReporting } from './rehearse/open-reporting.ts';
import { sayRehearsals } from './rehearse/say-rehearsals.ts';
import { readAssumed } from './rehearse/without-profile.ts';
import { screen } from './rehearse/screen.ts';
import {
  config,
  list,
  optionalNumber,
  ofRehearsals,
  optionalToggle,
  origin,
  path,
  size,
  text,
  toggle,
  typedPath,
  url,
  wholeNumber,
} from './flags.ts';
import { say, sayHeading, sayInterrupted, saySweep, warnApart } from './say.ts';

export const flags = {
  all: toggle('run every rehearsal but upgrade'),
  list: toggle('list the rehearsals'),
  engine: ofRehearsals.engine('auto (default), docker or local'),
  image: ofRehearsals.image,
  target: text(
    'URL',
    'rehearse on this server, which somebody else provides and has marked for it, in place of an engine: docs/target.md',
  ),
  config,
  reports: ofRehearsals.reports,
  backup: origin('rehearse this backup with latest-backup, in place of the newest'),
  newestIn: path('DIR', 'rehearse the newest dump of the database below this directory, whichever tool wrote it'),
  fromOffsite: toggle('rehearse the copy that is off-host, in place of the one here'),
  source: text('URL', 'rehearse straight from this live database, which is only read'),
  globals: path(
    'FILE',
    'roles to make before the restore: what pg_dumpall --globals-only wrote; passwords and tablespaces are left out',
  ),
  disk: {
    ...size('how much of the disk the restore takes, like 20GB, where the estimate is too high'),
    onlyTyped: true as const,
  },
  label: text('NAME', 'whose backups these are, for the evidence: production; default: evidence.label of the profile'),
  controls: list(
    'NAMES',
    `hold evidence against clauses of these, with commas between them: ${controlFrameworks.join(', ')}; default: evidence.controls of the profile`,
  ),
  timestamp: url(
    'URL',
    'authority that stamps the time of a signature (RFC 3161); default: evidence.timestamp of the profile',
  ),
  secondOracle: optionalToggle(
    'hold what was restored against the bytes of the dump, too; in CI and in faults it is done of itself',
  ),
  faithful: toggle(
    'run the disposable server with the settings that production had when the backup was taken, so that the recovery time is one to believe; on seeded data with those that nobody has tuned',
  ),
  plan: typedPath('FILE', 'rehearse the databases of this plan, which the command plan has written'),
  shard: text('I/N', 'rehearse part I of N of the plan; default: what the variables of the scheduler say'),
  shards: optionalNumber({ from: 1, to: 10_000 }, 'how many parts there are, where the scheduler does not say it'),
  jobs: wholeNumber({ from: 1, to: 64, otherwise: 1 }, 'rehearsals at the same time; default 1'),
  metrics: path(
    'FILE',
    'metrics for Prometheus, in a file that ends in .prom; default: evidence.metrics of the profile',
  ),
  junit: path('FILE', 'the steps in the XML of JUnit'),
  open: toggle('open the page of the run in a browser; of several, that of the history'),
  keep: toggle('leave the disposable server running, to look into it'),
};

/** Runs rehearsals, and shows what came of them. */
export const rehearseCommand = defineCommand({
  name: 'rehearse',
  about: [
    'Restores a PostgreSQL backup into a disposable server, compares the result with its source, checks the application on it, and writes evidence.',
  ],
  names:
    'rehearsals to run; default: clean-state where the profile has a seed, and latest-backup where there is a backup in its directory; without a seed, latest-backup, or the database of database.url',
  flags,
  notes: [
    'The local engine looks for PostgreSQL’s programs in REHEARSAL_PG_BINDIR, if it is set.',
    'REHEARSAL_WEBHOOK is told of bad news, and of the first good one after it; REHEARSAL_HEARTBEAT is asked for after every run that is verified. Both are addresses, and secrets.',
  ],
  exitStatus: '0 verified, 1 not verified, 2 could not run.',

  async run(options, rehearsals) {
    assertOneOrigin(options);
    assertOneServer(options);
    if (options.list) {
      sayRehearsals(await listRehearsals(options.config), screen().columns);
      return 'done';
    }
    const interruptible = () => interruption(sayInterrupted('removing what was started'));
    const { fleet, loaded } = await findPlan(options, rehearsals);
    if (fleet !== null) return rehearsePlan({ ...fleet, options, interruptible });
    const outcomes = await rehearse(options, rehearsals, { interruptible, loaded });
    return combineVerdicts(outcomes.map(({ evidence }) => evidence.verdict));
  },
});

/** What rehearsals that are a part of something larger get from it. */
interface Surroundings {
  /** Gives what interrupts them. Until it is asked for, a signal ends the process there and then. */
  interruptible: () => AbortSignal;
  /** The profile, where it has been read. */
  loaded?: LoadedProfile | null;
  /** Who vouches for the evidence and who is told of it; opened here where it is not given. */
  reporting?: Reporting;
  /** In place of telling everybody at once. */
  publish?: PublishRun;
}

/** Runs rehearsals as the flags say, shows what came of them, and resolves with it. */
export async function rehearse(
  options: Options<typeof flags>,
  rehearsals: string[],
  { interruptible, publish, ...surroundings }: Surroundings,
): Promise<Outcome[]> {
  if (options.junit !== null) await clearJunit(options.junit);
  const environment = readEnvironment();
  const secondOracle = options.secondOracle ?? (environment.trigger.ci === null ? null : true);
  const assumed = await readAssumed({ ...options, rehearsals }, environment);
  const given = { ...options, rehearsals, secondOracle, assumed };
  await using pool = new WorkerPool();
  await loadRunner();
  const read = surroundings.loaded ?? null;
  const loaded = read === null ? await openProfile(given) : { ...read, isAssumed: false };
  const source = defaultSource(given, loaded.profile);
  const settings = source === null ? given : { ...given, source };
  const files = await selectRehearsals(settings, loaded.profile);
  sayHeading('restore-rehearsal', `of ${loaded.profile.name}`);
  if (source !== null) say(`from database.url: the profile has neither a seed nor a directory of backups`);

  const reporting = surroundings.reporting ?? (await openReporting(options, loaded, environment));
  saySweep(await removeLeftovers(environment), 'what a killed rehearsal left');
  const evidenceReporter = new EvidenceReporter(reporting, screen(), publish);
  const { finished } = evidenceReporter;
  const reporters = [
    new ProgressReporter(process.stdout),
    evidenceReporter,
    ...(options.junit === null ? [] : [await junitReporter(options.junit, finished)]),
    ...(environment.githubActions ? [await annotationReporter(finished)] : []),
  ];
  await runRehearsals(files, settings, reporters, pool, interruptible());
  if (options.open) await showPage(reporting.reports, evidenceReporter.written);
  return evidenceReporter.written;
}

/** A page that cannot be opened is no fault of the rehearsal. */
async function showPage(reports: string, [first, ...more]: Outcome[]): Promise<void> {
  if (first === undefined) return;
  const file = join(reports, ...(more.length === 0 ? [first.directory, page.file] : [historyFile]));
  const problem = await openFile(file);
  if (problem !== null) warnApart(`${nearby(file)} was not opened: ${problem}.`);
}

function assertOneServer({ target, engine, faithful, keep }: Options<typeof flags>): void {
  if (target === null) return;
  const named = [engine !== null && '--engine', faithful && '--faithful', keep && '--keep'];
  const others = named.filter((flag) => flag !== false);
  if (others.length === 0) return;
  const message = `--target names a server that somebody else provides, and ${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} about one that is started here: leave one of them out.`;
  throw new OperationalError('BAD_USAGE', message);
}

function assertOneOrigin({ backup, newestIn, fromOffsite, source }: Options<typeof flags>): void {
  const named = [
    backup !== null && '--backup',
    newestIn !== null && '--newest-in',
    fromOffsite && '--from-offsite',
    source !== null && '--source',
  ];
  const given = named.filter((flag) => flag !== false);
  if (given.length < 2) return;
  throw new OperationalError('BAD_USAGE', `${given.join(' and ')} name different backups: give one of them.`);
}
