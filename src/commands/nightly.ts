import { typed } from '../terminal/suggest.ts';
import { loadProfile } from '../config/load-profile.ts';
import type { Outcome } from '../evidence/outcome.ts';
import { publishRun } from '../evidence/sinks/table.ts';
import { combineVerdicts } from '../evidence/verdict.ts';
import type { Verdict } from '../evidence/schema.ts';
import { readEnvironment } from '../system/environment.ts';
import { interruption } from '../system/interruption.ts';
import { defineCommand, type Options } from './command.ts';
import { flags } from './nightly/flags.ts';
import { holdOutput } from './nightly/hold-output.ts';
import { recordNight } from './nightly/record-night.ts';
import { runStages } from './nightly/run-stages.ts';
import { renderStages } from './nightly/show-stages.ts';
import type { Night } from './nightly/stage.ts';
import { withNightLock } from './nightly/with-lock.ts';
import { openReporting } from './rehearse/open-reporting.ts';
import { screen } from './rehearse/screen.ts';
import { sayHeading, sayInterrupted } from './say.ts';

/** All that is to be done for backups every night. */
export const nightlyCommand = defineCommand({
  name: 'nightly',
  about: [
    'Does what has to be done every night, in this order: takes a backup, copies it off-host, rehearses a restore of it, and deletes old backups. A stage that the profile says nothing of is left out. One that fails does not keep the others from their work, but nothing is deleted before a restore was rehearsed and verified.',
    'Every stage has a line in the evidence of the night, beside that of the rehearsal; webhook and heartbeat hear of both at once.',
  ],
  names: 'rehearsals to run in place of latest-backup',
  flags,
  notes: [
    `Passwords come from PGPASSWORD or the passfile, as for ${typed('backup')}; remotes and their credentials are rclone’s, as for ${typed('offsite')}.`,
  ],
  exitStatus:
    '0 every stage is done, and the restore is verified; 1 the restore is not verified; 2 something could not be done, or another nightly is at it. 1 outweighs 2.',

  async run(options, rehearsals) {
    const held = options.quiet ? holdOutput() : null;
    let verdict: Verdict = 'could-not-run';
    try {
      verdict = await haveNight(options, rehearsals);
    } finally {
      if (verdict === 'verified') held?.drop();
      else held?.release();
    }
    return verdict;
  },
});

async function haveNight(options: Options<typeof flags>, rehearsals: string[]): Promise<Verdict> {
  const startedAt = new Date();
  const loaded = await loadProfile(options.config);
  const environment = readEnvironment();
  const reporting = await openReporting(options, loaded, environment).catch((error: unknown) => toError(error));
  const interrupted = interruption(sayInterrupted('removing what was started'));
  const night: Night = { options, rehearsals, loaded, interrupted, reporting, results: [], taken: null, outcomes: [] };
  sayHeading('restore-rehearsal nightly', `of ${loaded.profile.name}`);
  if (reporting instanceof Error) {
    // Without a place for evidence, a backup is worth as much.
    await runStages(night);
    console.log(`\n${renderStages(night.results)}\n`);
    return 'could-not-run';
  }
  return withNightLock(reporting.reports, loaded.profile, async () => {
    await runStages(night);
    console.log(`\n${renderStages(night.results)}`);
    const { reports, destinations } = reporting;
    const outcomes: Outcome[] = [...night.outcomes];
    try {
      outcomes.push(await recordNight(night, reporting, startedAt));
    } finally {
      await publishRun({ reports, outcomes, screen: screen(), destinations });
    }
    return combineVerdicts(outcomes.map(({ evidence }) => evidence.verdict));
  });
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
