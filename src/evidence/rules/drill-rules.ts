import type { RuleTexts } from './rule.ts';

/** Of the application, the objectives, an incident, and what goes with a run. */
export const drillRules = {
  PROFILE_ASSUMED: [
    'Nobody has written a profile, and the dump was taken for one. The message says all that was assumed.',
    'The drill was started with `--backup` or `--source` where there is no profile.',
    'Write one: `init` does it. Then the application and the age of the backup are checked, too.',
  ],
  HEALTH_NOT_DATABASE_BACKED: [
    'The health check says “ok” while the database is gone.',
    'It does not ask the database.',
    'Let it do so, or add a probe that does to `app.probes`.',
  ],
  OUTAGE_TOO_LONG: [
    'Clients went without an answer for longer than allowed while names were exchanged.',
    'Sessions held locks, or the pooler did not wait.',
    'See [incident.md](incident.md), and use `--pooler`.',
  ],
  DATABASE_PROPERTY_CHANGED: [
    'A property of the database is another one after the exchange.',
    'It stays with the database that was put aside.',
    'Set it again, as the message says.',
  ],
  RIGHTS_LOST: [
    'Roles have fewer rights in the restored database than in the live one.',
    'A restore with `--no-owner --no-privileges` gives everything to one owner.',
    "Have owners and grants at hand as SQL, or set `ownership: 'preserve'`.",
  ],
  RIGHTS_GAINED: [
    'Roles have more rights in the restored database than in the live one.',
    'Default privileges of the new database.',
    'Revoke them, as the message says.',
  ],
  TABLES_NOT_READABLE: [
    'A role cannot read tables that it could read.',
    'Grants were left out of the restore.',
    "Grant them, or set `ownership: 'preserve'`.",
  ],
  ROWS_NOT_COUNTED: [
    'Rows that were written meanwhile were not counted right.',
    'The harness is at fault.',
    'Do not rely on those numbers, and report this.',
  ],
  ROLLED_BACK_TO_SOMETHING_ELSE: [
    'After a rollback the live database is not what it was.',
    'Something wrote meanwhile, or the harness is at fault.',
    'See the message, and compare with `restore --diff`.',
  ],
  DRILL_GAP: [
    'Longer than `evidence.frequency` went by without a drill.',
    'The job did not run, or its evidence was lost.',
    'Find out why. `evidence status`, as a job of its own, says so while it lasts.',
  ],
  CLOCK_BACKWARDS: [
    'The clock of this machine was set back since the last run.',
    'No time synchronisation, or a wrong clock.',
    'Synchronise the clock (NTP): ages are measured with it.',
  ],
  EVIDENCE_NOT_SIGNED: [
    'The evidence could not be signed, though there is a key.',
    'The program that signs failed.',
    'See the message. The evidence is written all the same.',
  ],
  NOT_DELIVERED: [
    'What an earlier run had to tell somebody could not be delivered.',
    'A webhook, heartbeat or file could not be reached.',
    'See the message, and mend the address.',
  ],
} as const satisfies RuleTexts;
