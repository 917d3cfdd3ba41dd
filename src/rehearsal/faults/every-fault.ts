import { applicationFaults } from './application-faults.ts';
import { archiveFaults } from './archive-faults.ts';
import { backupFaults } from './backup-faults.ts';
import type { Fault, FaultKind } from './fault.ts';
import { interruptionFaults } from './interruption-faults.ts';
import { stateFaults } from './state-faults.ts';
import { targetFaults } from './target-faults.ts';

const faultsByKind: Record<FaultKind, Fault[]> = {
  archive: [...archiveFaults, ...backupFaults],
  'restored state': stateFaults,
  target: [...targetFaults, ...interruptionFaults],
  application: applicationFaults,
};

/** Everything that is tried. Faults in the profile's own tables come to it; see table-faults.ts. */
export const everyFault = Object.values(faultsByKind).flat();
