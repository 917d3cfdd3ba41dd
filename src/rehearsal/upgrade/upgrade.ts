import type { Majors } from '../../snapshot/printed-otherwise.ts';
import type { ServedDatabase } from '../served-database.ts';

/** The majors that an upgrade goes from and to. */
export type Upgrade = Majors;

/** The upgrade that a server was started for: a step of one belongs behind `startServerForUpgrade`. */
export function upgradeOf({ upgrade }: ServedDatabase): Upgrade {
  if (upgrade === null) throw new Error('This server was not started for an upgrade: use startServerForUpgrade.');
  return upgrade;
}
