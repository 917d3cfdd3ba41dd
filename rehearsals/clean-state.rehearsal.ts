/** The runbook's "Restore rehearsal (clean state)": seed, dump, drop, restore, and prove that nothing is missing. */
import { comparisonChecks } from '../src/rehearsal/comparison.ts';
import { rehearsal } from '../src/rehearsal/step.ts';
import { captureReference } from '../src/rehearsal/steps/capture-reference.ts';
import { checkApplication } from '../src/rehearsal/steps/check-application.ts';
import { checkStructure } from '../src/rehearsal/steps/check-structure.ts';
import { compare } from '../src/rehearsal/steps/compare.ts';
import { dump } from '../src/rehearsal/steps/dump.ts';
import { dropAndRecreate } from '../src/rehearsal/steps/recreate.ts';
import { restore } from '../src/rehearsal/steps/restore.ts';
import { seedBaseline } from '../src/rehearsal/steps/seed.ts';
import { startProfileApplication } from '../src/rehearsal/steps/start-application.ts';
import { startSeedServer } from '../src/rehearsal/steps/start-server.ts';

rehearsal((step) => {
  step('Start a disposable PostgreSQL', startSeedServer);
  step('Seed the baseline data', seedBaseline);
  step('Start the application', startProfileApplication);
  step('Capture the reference snapshot', captureReference);
  step('Dump the database', dump, { checks: ['dump-not-empty', 'roles-dumped'] });
  step('Drop and recreate the database', dropAndRecreate, {
    checks: ['recreated-empty', 'health-while-database-gone'],
  });
  step('Restore the dump', restore, { checks: ['restore-status'] });
  step('Compare with the reference', compare, { checks: comparisonChecks });
  step('Check the application', checkApplication, { checks: ['application-answers', 'rto', 'rpo'] });
  step('Check tables and indexes', checkStructure, { checks: ['structure'] });
});
