import { applicationFaults } from './application-faults.ts';
import { archiveFaults } from './archive-faults.ts';
import { backupFaults } from './backup-faults.ts';
import type { Fault } from './fault.ts';
import { interruptionFaults } from './interruption-faults.ts';
import { stateFaults } from './state-faults.ts';
import { targetFaults } from './target-faults.ts';

/** Everything that is tried. Faults in the profile's own tables come to it; see table-faults.ts. */
export const everyFault: Fault[] = [
  ...archiveFaults,
  ...backupFaults,
  ...stateFaults,
  ...targetFaults,
  ...interruptionFaults,
  ...applicationFaults,
];
