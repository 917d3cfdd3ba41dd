import { typed } from '../../terminal/suggest.ts';
import { drillsOf, isAlive, neverRan, type DrillStatus } from '../../evidence/ledger/drills.ts';
import { findClockFaults } from '../../evidence/ledger/find-clock-faults.ts';
import { ledgerFile } from '../../evidence/ledger/line.ts';
import { readLedger } from '../../evidence/ledger/read-ledger.ts';
import { nameInEvidence, type Profile } from '../../config/profile.ts';
import { readEnvironment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { nearby } from '../../terminal/nearby.ts';
import { defineCommand } from '../command.ts';
import { duration, list, toggle } from '../flags.ts';
import { findWebhook } from '../rehearse/destinations.ts';
import { sayHeading } from '../say.ts';
import { notifyOverdue } from './notify-overdue.ts';
import { findProfile, findReports, reportsFlags } from './reports.ts';
import { renderStatus, type Status } from './show-status.ts';

export const flags = {
  frequency: duration('how often each has to run, in place of the profile’s evidence.frequency: 24h'),
  only: list('REHEARSALS', 'look at these alone, with commas between them: clean-state,latest-backup'),
  json: toggle('for programs: everything as JSON'),
  notify: toggle('tell the webhook of what is overdue: REHEARSAL_WEBHOOK, or evidence.webhook of the profile'),
  ...reportsFlags,
};

/** Says of every database and rehearsal when it last ran, and whether that is too long ago. */
export const statusCommand = defineCommand({
  name: 'evidence status',
  usage: '[DIRECTORY] [flags]',
  about: [
    `Says for each database and rehearsal when it last ran, when it was last verified, and whether that is as often as it has to be. It reads the ledger alone; ${typed('evidence verify')} says whether that is as it was written.`,
  ],
  names: 'the directory; default: that of the profile',
  flags,
  notes: [
    `Overdue is what last ran longer ago than the frequency and a tenth of it (an hour at least), whatever came of it. Also what ran once and does not run any more: retire it with ${typed('evidence note')} ID --retire --by NAME --text WHY. Run this as a job of its own: one that does not run cannot say so.`,
  ],
  exitStatus:
    '0 each has run in time, and its last run is verified; 1 one is overdue, or its last run is not verified; 2 nothing has run, or this could not be found out.',

  async run(options, names) {
    const reports = await findReports(options, names);
    const profile = (await findProfile(options))?.profile ?? null;
    const webhook = options.notify ? openWebhook(profile) : null;
    const frequencyMs = options.frequency ?? profile?.evidence.frequency ?? null;
    const now = new Date();
    const chain = await readLedger(reports);
    const lines = chain?.lines ?? [];
    const known = drillsOf(lines, { frequencyMs, now });
    const drills = missing(options.only, [...known, ...neverSeen(known, names, profile)]);
    const head = chain?.hashes.at(-1) ?? null;
    const status: Status = {
      ...{ frequencyMs, now: now.toISOString(), drills, clock: findClockFaults(lines, now) },
      ledger: { lines: lines.length, head, problem: chain?.problem ?? null },
    };
    if (options.json) console.log(JSON.stringify(status, null, 2));
    else {
      sayHeading('restore-rehearsal evidence status', nearby(reports));
      if (drills.length === 0) console.log(`\n  Nothing has run: there is no ${ledgerFile}, or no run in it.`);
      else console.log(renderStatus(status, process.stdout.isTTY ? process.stdout.columns || 80 : null));
    }
    if (webhook !== null) await notifyOverdue(reports, drills, webhook);
    if (known.length === 0) return 'could-not-run';
    const isWhole = chain?.problem === null || chain?.problem.code === 'LINE_CUT';
    return isWhole && drills.every(isAlive) ? 'verified' : 'not-verified';
  },
});

/** @throws OperationalError BAD_USAGE where there is none */
function openWebhook(profile: Profile | null): URL {
  const webhook = findWebhook(readEnvironment().telling.webhook, profile?.evidence.webhook);
  if (webhook !== null) return webhook;
  const message = '--notify needs the address of a webhook: REHEARSAL_WEBHOOK, or evidence.webhook of the profile.';
  throw new OperationalError('BAD_USAGE', message);
}

/** A database that the profile names, and no line: it was never rehearsed. */
function neverSeen(known: DrillStatus[], names: string[], profile: Profile | null): DrillStatus[] {
  const database = profile === null ? '' : nameInEvidence(profile.database);
  if (profile === null || names.length > 0 || known.length === 0) return [];
  return known.some((drill) => drill.database === database) ? [] : [neverRan(database, 'any')];
}

/** Those that are asked for; one that has never run is among them. */
function missing(only: string[] | null, drills: DrillStatus[]): DrillStatus[] {
  if (only === null) return drills;
  const all = new Set(drills.map(({ rehearsal }) => rehearsal));
  const unknown = only.find((name) => !all.has(name));
  if (unknown === undefined || drills.length === 0) return drills.filter(({ rehearsal }) => only.includes(rehearsal));
  const message = `No run of "${unknown}" is in the ledger; there are: ${[...all].join(', ')}.`;
  throw new OperationalError('BAD_USAGE', message);
}
