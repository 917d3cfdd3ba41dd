/** `npm run rehearse`: runs rehearsals, shows what came of them, and says it with its exit status. */
import { resolve } from 'node:path';
import { chalk } from 'zx';
import { readEnvironment, type Environment } from '../src/config/environment.ts';
import { loadProfile } from '../src/config/load-profile.ts';
import { applySettings, readSettings, type Settings } from '../src/config/settings.ts';
import { removeLeftovers } from '../src/files/leftovers.ts';
import { ProgressReporter } from '../src/evidence/progress.ts';
import { EvidenceReporter } from '../src/evidence/reporter.ts';
import { combineVerdicts, exitStatus } from '../src/evidence/verdict.ts';
import { interruption } from '../src/system/interruption.ts';
import { OperationalError } from '../src/system/operational-error.ts';
import { listRehearsals, runRehearsals, selectRehearsals } from '../src/rehearsal/run-rehearsals.ts';
import { describeHost, readTrigger } from '../src/rehearsal/trigger.ts';

const help = `Usage: npm run rehearse -- [NAME…] [flags]

Restores a PostgreSQL backup into a disposable server, compares the result with its
source, checks the application on it, and writes evidence.

  NAME…            rehearsals to run; default: clean-state, and latest-backup where there is
                   a backup in the profile's directory
  --all            run every rehearsal
  --list           list the rehearsals
  --engine NAME    auto (default), docker or local
  --image IMAGE    image for the docker engine, in place of the profile's
  --config FILE    profile; default: rehearsal.config.ts
  --backup FILE    rehearse this dump with latest-backup, in place of the newest
  --from-offsite   rehearse the copy that is off-host, in place of the one here
  --source URL     rehearse straight from this live database, which is only read
  --reports DIR    where evidence goes, in place of the profile's directory
  --jobs N         rehearsals at the same time; default 1
  --keep           leave the disposable server running, to look into it
  --help           this text

Every flag has a variable: REHEARSAL_ENGINE, REHEARSAL_IMAGE, … The local engine looks for
PostgreSQL's programs in REHEARSAL_PG_BINDIR, if it is set.

Exit status: 0 verified, 1 not verified, 2 could not run.`;

// Until there is a verdict. Vitest, too, only sets a status where there is none.
process.exitCode = exitStatus['could-not-run'];
try {
  process.exitCode = await main(readSettings(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof OperationalError ? chalk.red(error.message) : error);
  process.exitCode = exitStatus['could-not-run'];
}

async function main(flags: Settings): Promise<number> {
  if (flags.help) {
    console.log(help);
    return 0;
  }
  if (flags.list) {
    console.log((await listRehearsals()).join('\n'));
    return 0;
  }
  const settings = { ...flags, config: resolve(flags.config), reports: flags.reports && resolve(flags.reports) };
  const loaded = await loadProfile(settings.config);
  const files = await selectRehearsals(settings, loaded.profile);
  const {
    evidence: { directory },
    objectives,
    name,
  } = applySettings(loaded.profile, settings);
  console.log(`${chalk.bold('restore-rehearsal')} of ${name}`);

  const environment = readEnvironment();
  await sweep(environment);
  const shared = {
    trigger: await readTrigger(environment, loaded.directory),
    host: describeHost(),
    targets: { rtoMs: objectives.rto, rpoMs: objectives.rpo },
  };
  const evidenceReporter = new EvidenceReporter(directory, shared, console.log);
  const reporters = [
    new ProgressReporter(process.stdout),
    evidenceReporter,
    ...(environment.githubActions ? ['github-actions' as const] : []),
  ];
  await runRehearsals(files, settings, reporters, interruption(sayInterrupted));

  const verdict = combineVerdicts(evidenceReporter.written.map(({ evidence }) => evidence.verdict));
  return exitStatus[verdict];
}

/** Removes what killed rehearsals left on this machine. What stands in its way does not stand in the way of a rehearsal. */
async function sweep(environment: Environment): Promise<void> {
  const { removed, failed } = await removeLeftovers(environment);
  if (removed.length > 0) console.log(chalk.dim(`  removed what a killed rehearsal left: ${removed.join(', ')}`));
  if (failed.length > 0)
    console.log(chalk.yellow(`  could not remove what a killed rehearsal left: ${failed.join(', ')}`));
}

function sayInterrupted(): void {
  console.error(chalk.yellow('\n  Interrupted: removing what was started ...'));
}
