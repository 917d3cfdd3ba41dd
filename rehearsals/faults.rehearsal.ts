/** Damages copies of a backup on purpose: a rehearsal that cannot fail proves nothing. */
import {
  addSpecimens,
  captureReference,
  challenge,
  rehearsal,
  seedBaseline,
  startServerWithSmallDisk,
  takeDump,
} from 'restore-rehearsal';

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
