/** The runbook's advice for incidents: restore beside the live database, validate, switch traffic, and be able to go back. */
import { comparisonChecks } from '../src/rehearsal/comparison.ts';
import { rehearsal } from '../src/rehearsal/step.ts';
import { seedBaseline } from '../src/rehearsal/steps/seed.ts';
import { incident } from '../src/rehearsal/steps/side-by-side.ts';
import { startProfileApplication } from '../src/rehearsal/steps/start-application.ts';
import { startSeedServer } from '../src/rehearsal/steps/start-server.ts';

rehearsal((step) => {
  const { backUp, damage, startAsking, restore, switchNames, compareLive, takeBack, stopAsking } = incident();
  step('Start a disposable PostgreSQL', startSeedServer);
  step('Seed the baseline data', seedBaseline);
  step('Start the application', startProfileApplication);
  step('Take a backup', backUp);
  step('Damage the live database', damage);
  step('Start traffic', startAsking);
  step('Restore beside the live database', restore, { checks: comparisonChecks });
  step('Switch to the restored database', switchNames, { checks: ['switch-outage', 'application-answers'] });
  step('Compare the live database', compareLive, { checks: ['live-rows-restored', 'database-settings'] });
  step('Roll back', takeBack, { checks: ['rollback-outage', 'damage-is-back'] });
  step('Stop traffic', stopAsking);
});
