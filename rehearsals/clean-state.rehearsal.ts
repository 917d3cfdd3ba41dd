/** The runbook's "Restore rehearsal (clean state)": seed, dump, drop, restore, and prove that nothing is missing. */
import { comparisonChecks } from '../src/rehearsal/comparison.ts';
import { rehearsal } from '../src/rehearsal/rehearsal.ts';
import { captureReference } from '../src/rehearsal/steps/capture-reference.ts';
import { checkApplication } from '../src/rehearsal/steps/check-application.ts';
import { checkStructure } from '../src/rehearsal/steps/check-structure.ts';
import { compareWithReference } from '../src/rehearsal/steps/compare.ts';
import { takeDump } from '../src/rehearsal/steps/dump.ts';
import { dropAndRecreate } from '../src/rehearsal/steps/recreate.ts';
import { restoreDump } from '../src/rehearsal/steps/restore.ts';
import { seedBaseline } from '../src/rehearsal/steps/seed.ts';
import { startProfileApplication } from '../src/rehearsal/steps/start-application.ts';
import { startSeedServer } from '../src/rehearsal/steps/start-server.ts';

rehearsal((step) => {
  const served = step('Start a disposable PostgreSQL', startSeedServer);
  step('Seed the baseline data', seedBaseline, { served });
  const application = step('Start the application', startProfileApplication, { served });
  const reference = step('Capture the reference snapshot', captureReference, { served });
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
