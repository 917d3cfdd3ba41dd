import type { Profile } from '../../config/profile.ts';
import type { Verdict } from '../../evidence/schema.ts';
import type { BackupCopy } from './backup-copy.ts';

/** What rehearsing a copy of the backup goes through, in this order. */
export type Stage = 'examine' | 'create' | 'restore' | 'compare' | 'application' | 'gone';

/** What is damaged, with the name of the step that does so. */
export const faultKinds = {
  archive: 'Damage the backup',
  'restored state': 'Damage what was restored',
  target: 'Break the target',
  application: 'Break the application',
} as const;

export type FaultKind = keyof typeof faultKinds;

/** One thing that goes wrong on purpose, and how the rehearsal has to find it. */
export interface Fault {
  /** In words, unique: "the archive is cut in half". */
  name: string;
  kind: FaultKind;
  /** The stage before which the damage is done. */
  before: Stage;
  /** Does the damage to a copy. What has to be undone goes with the copy: see Run.use. */
  damage: (copy: BackupCopy) => Promise<void>;
  /** The stage that has to notice. */
  failsAt: Stage;
  /** The rule of its finding; the code of its error where the verdict is `could-not-run`. */
  finding: string;
  verdict: Exclude<Verdict, 'verified'>;
  /** What the profile of the copy says otherwise. */
  profile?: (profile: Readonly<Profile>) => Readonly<Profile>;
}

/** Thrown by a damage that cannot be done here; its message says why. */
export class NotPossibleHere extends Error {
  override readonly name = 'NotPossibleHere';
}
