/** The runbook's advice for incidents: restore beside the live database, validate, switch traffic, and be able to go back. */
import {
  backUp,
  compareLive,
  comparisonChecks,
  damageLive,
  letOthersWork,
  rehearsal,
  restoreLive,
  seedOrRestore,
  startAsking,
  startPgbouncer,
  startProfileApplication,
  startSeedServer,
  stopAsking,
  switchNames,
  takeBack,
} from 'restore-rehearsal';

rehearsal((step) => {
  const served = step('Start a disposable PostgreSQL', startSeedServer);
  step('Seed the baseline data', seedOrRestore, { served });
  const application = step('Start the application', startProfileApplication, { served });
  const other = step('Let another role work with it', letOthersWork, { served });
  const pooler = step('Start pgbouncer', startPgbouncer, { served, other });
  const taken = step('Take a backup', backUp, { served });
  const lost = step('Damage the live database', damageLive, { served, taken });
  const traffic = step('Start traffic', startAsking, { served, application, other, pooler, lost });
  const recovery = step(
    'Restore beside the live database',
    restoreLive,
    { served, taken, pooler },
    { checks: comparisonChecks },
  );
  const switched = step(
    'Switch to the restored database',
    switchNames,
    { served, application, traffic, recovery, other },
    { checks: ['switch-outage', 'application-answers', 'other-roles-read', 'left-behind-counted'] },
  );
  step(
    'Compare the live database',
    compareLive,
    { served, taken, recovery, other, switched },
    { checks: ['live-rows-restored', 'database-settings', 'properties-kept'] },
  );
  step(
    'Roll back',
    takeBack,
    { served, taken, lost, traffic, recovery, other, switched },
    { checks: ['rollback-outage', 'damage-is-back', 'written-counted', 'properties-are-back'] },
  );
  step('Stop traffic', stopAsking, { traffic });
});
