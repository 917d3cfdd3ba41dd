/** A dump taken while the source keeps changing is exactly the moment that the reference was taken in. */
import {
  captureReference,
  checkStructure,
  compareWithReference,
  comparisonChecks,
  dumpUnderWrites,
  rehearsal,
  restoreCopy,
  seedBaseline,
  startSeedServer,
  startWriting,
  stopWriting,
} from 'restore-rehearsal';

rehearsal((step) => {
  const served = step('Start a disposable PostgreSQL', startSeedServer);
  step('Seed the baseline data', seedBaseline, { served });
  const writers = step('Start to write to the source', startWriting, { served });
  const reference = step('Capture the reference snapshot', captureReference, { served });
  const dump = step(
    'Dump the database under writes',
    dumpUnderWrites,
    { served, reference, writers },
    { checks: ['dump-not-empty', 'roles-dumped'] },
  );
  const restored = step('Restore beside the source', restoreCopy, { served, dump }, { checks: ['restore-status'] });
  step('Compare with the reference', compareWithReference, { restored, reference, dump }, { checks: comparisonChecks });
  step('Stop writing', stopWriting, { writers, restored }, { checks: ['writes-happened'] });
  step('Check tables and indexes', checkStructure, { restored }, { checks: ['structure'] });
});
