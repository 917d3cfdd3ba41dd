/** The runbook's "Restore rehearsal (clean state)": seed, dump, drop, restore, and prove that nothing is missing. */
import {
  captureWhileDumping,
  checkApplication,
  checkStructure,
  compareWithReference,
  comparisonChecks,
  dropAndRecreate,
  rehearsal,
  restoreDump,
  seedBaseline,
  startProfileApplication,
  startSeedServer,
  takeDump,
} from 'restore-rehearsal';

rehearsal((step) => {
  const served = step('Start a disposable PostgreSQL', startSeedServer);
  step('Seed the baseline data', seedBaseline, { served });
  const application = step('Start the application', startProfileApplication, { served });
  const reference = step('Capture the reference snapshot', captureWhileDumping, { served });
  const dump = step(
    'Dump the database',
    takeDump,
    { served, reference },
    { checks: ['dump-not-empty', 'roles-dumped'] },
  );
  const site = step(
    'Drop and recreate the database',
    dropAndRecreate,
    { served, reference, dump, application },
    { checks: ['recreated-empty', 'health-while-database-gone'] },
  );
  const restored = step('Restore the dump', restoreDump, { site, dump }, { checks: ['restore-status'] });
  step('Compare with the reference', compareWithReference, { restored, reference, dump }, { checks: comparisonChecks });
  step(
    'Check the application',
    checkApplication,
    { restored, application },
    { checks: ['application-answers', 'rto', 'rpo'] },
  );
  step('Check tables and indexes', checkStructure, { restored }, { checks: ['structure'] });
});
