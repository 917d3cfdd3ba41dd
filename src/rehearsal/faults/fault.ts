import type { Profile } from '../../config/profile.ts';
import type { Verdict } from '../../evidence/schema.ts';
import type { Drill } from '../drill.ts';

/** The steps of rehearsing a copy of the backup, in their order. */
export const stages = ['examine', 'create', 'restore', 'compare', 'application', 'gone'] as const;
export type Stage = (typeof stages)[number];

/** One thing that goes wrong on purpose, and how the rehearsal has to find it. */
export interface Fault {
  /** In words, unique: "the archive is cut in half". */
  name: string;
  kind: 'archive' | 'restored state' | 'target' | 'application';
  /** The stage before which the damage is done. */
  before: Stage;
  /** Does the damage to a copy. What has to be undone goes with the copy: see Drill.use. */
  damage: (copy: Drill) => Promise<void>;
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
