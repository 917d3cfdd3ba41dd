/** A dump taken while the source keeps changing is exactly the moment that the reference was taken in. */
import { comparisonChecks } from '../src/rehearsal/comparison.ts';
import { rehearsal } from '../src/rehearsal/step.ts';
import { captureReference } from '../src/rehearsal/steps/capture-reference.ts';
import { checkStructure } from '../src/rehearsal/steps/check-structure.ts';
import { compare } from '../src/rehearsal/steps/compare.ts';
import { dumpUnderWrites, restoreCopy, startWriting, stopWriting } from '../src/rehearsal/steps/live-writes.ts';
import { seedBaseline } from '../src/rehearsal/steps/seed.ts';
import { startSeedServer } from '../src/rehearsal/steps/start-server.ts';

rehearsal((step) => {
  step('Start a disposable PostgreSQL', startSeedServer);
  step('Seed the baseline data', seedBaseline);
  step('Start to write to the source', startWriting);
  step('Capture the reference snapshot', captureReference);
  step('Dump the database under writes', dumpUnderWrites, { checks: ['dump-not-empty', 'roles-dumped'] });
  step('Restore beside the source', restoreCopy, { checks: ['restore-status'] });
  step('Compare with the reference', compare, { checks: comparisonChecks });
  step('Stop writing', stopWriting, { checks: ['writes-happened'] });
  step('Check tables and indexes', checkStructure, { checks: ['structure'] });
});
