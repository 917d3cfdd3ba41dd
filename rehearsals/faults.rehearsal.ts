/** Damages copies of a backup on purpose: a rehearsal that cannot fail proves nothing. */
import { selfChallenge } from '../src/rehearsal/faults.ts';
import { addSpecimens } from '../src/rehearsal/faults/specimens.ts';
import { rehearsal } from '../src/rehearsal/step.ts';
import { captureReference } from '../src/rehearsal/steps/capture-reference.ts';
import { dump } from '../src/rehearsal/steps/dump.ts';
import { seedBaseline } from '../src/rehearsal/steps/seed.ts';
import { startServerWithSmallDisk } from '../src/rehearsal/steps/start-server.ts';

rehearsal((step) => {
  const { passIntact, tryFaults, settle } = selfChallenge();
  step('Start a disposable PostgreSQL', startServerWithSmallDisk);
  step('Seed the baseline data', seedBaseline);
  step('Add a specimen of each kind of object', addSpecimens);
  step('Capture the reference snapshot', captureReference);
  step('Dump the database', dump, { checks: ['dump-not-empty', 'roles-dumped'] });
  step('Rehearse intact copies', passIntact, { checks: ['intact-copies'] });
  step('Damage the backup', tryFaults('archive'));
  step('Damage what was restored', tryFaults('restored state'));
  step('Break the target', tryFaults('target'));
  step('Break the application', tryFaults('application'));
  step('See that every fault was caught', settle, { checks: ['self-challenge'] });
});
