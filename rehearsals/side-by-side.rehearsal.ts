/** The runbook's advice for incidents: restore beside the live database, validate, switch traffic, and be able to go back. */
import { comparisonChecks } from '../src/rehearsal/comparison.ts';
import { rehearsal } from '../src/rehearsal/rehearsal.ts';
import { backUp } from '../src/rehearsal/steps/incident/back-up.ts';
import { compareLive } from '../src/rehearsal/steps/incident/compare-live.ts';
import { damageLive } from '../src/rehearsal/steps/incident/damage-live.ts';
import { restoreLive } from '../src/rehearsal/steps/incident/restore-live.ts';
import { switchNames } from '../src/rehearsal/steps/incident/switch-names.ts';
import { takeBack } from '../src/rehearsal/steps/incident/take-back.ts';
import { startAsking, stopAsking } from '../src/rehearsal/steps/incident/traffic-steps.ts';
import { seedBaseline } from '../src/rehearsal/steps/seed.ts';
import { startProfileApplication } from '../src/rehearsal/steps/start-application.ts';
import { startSeedServer } from '../src/rehearsal/steps/start-server.ts';

rehearsal((step) => {
  const served = step('Start a disposable PostgreSQL', startSeedServer);
  step('Seed the baseline data', seedBaseline, { served });
  const application = step('Start the application', startProfileApplication, { served });
  const taken = step('Take a backup', backUp, { served });
  const lost = step('Damage the live database', damageLive, { served, taken });
  const traffic = step('Start traffic', startAsking, { served, application, lost });
  const recovery = step(
    'Restore beside the live database',
    restoreLive,
    { served, taken },
    { checks: comparisonChecks },
  );
  const damaged = step(
    'Switch to the restored database',
    switchNames,
    { served, application, traffic, recovery },
    { checks: ['switch-outage', 'application-answers', 'left-behind-counted'] },
  );
  step(
    'Compare the live database',
    compareLive,
    { served, taken, damaged },
    { checks: ['live-rows-restored', 'database-settings'] },
  );
  step(
    'Roll back',
    takeBack,
    { served, taken, lost, traffic, recovery, damaged },
    { checks: ['rollback-outage', 'damage-is-back', 'written-counted'] },
  );
  step('Stop traffic', stopAsking, { traffic });
});
