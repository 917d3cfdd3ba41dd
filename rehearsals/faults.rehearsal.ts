/** Damages copies of a backup on purpose: a rehearsal that cannot fail proves nothing. */
import { challenge } from '../src/rehearsal/faults/self-challenge.ts';
import { addSpecimens } from '../src/rehearsal/faults/specimens.ts';
import { rehearsal } from '../src/rehearsal/rehearsal.ts';
import { captureReference } from '../src/rehearsal/steps/capture-reference.ts';
import { takeDump } from '../src/rehearsal/steps/dump.ts';
import { seedBaseline } from '../src/rehearsal/steps/seed.ts';
import { startServerWithSmallDisk } from '../src/rehearsal/steps/start-server.ts';

rehearsal((step) => {
  const served = step('Start a disposable PostgreSQL', startServerWithSmallDisk);
  step('Seed the baseline data', seedBaseline, { served });
  step('Add a specimen of each kind of object', addSpecimens, { served });
  const reference = step('Capture the reference snapshot', captureReference, { served });
  const dump = step(
    'Dump the database',
    takeDump,
    { served, reference },
    { checks: ['dump-not-empty', 'roles-dumped'] },
  );
  challenge(step, { served, reference, dump });
});
