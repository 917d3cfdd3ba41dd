import type { Profile } from '../config/profile.ts';
import type { Activity } from '../postgres/activity.ts';
import type { ToolLimits } from '../postgres/tool.ts';

/** How a backup is restored; the profile says it. */
export interface RestoreOptions extends Pick<Profile, 'ownership' | 'restoreAs' | 'tolerate'> {
  /** Extensions that a superuser may create for whoever restores. */
  extensions: string[];
  /** Versions of extensions at the source, by name, as far as they are known. */
  extensionVersions?: Record<string, string>;
  /** The entries of the dump that are restored; all of them, if left out. */
  only?: ReadonlySet<number>;
  /** How many sessions restore, where the format lets them: one, if left out. See PgRestoreOptions. */
  jobs?: number;
  limits: ToolLimits;
  /** Receives how many bytes of the dump have been read so far. */
  onProgress?: (sizeBytes: number) => void;
  /** Sees now and then what the server does for the restore. */
  onActivity?: (activity: Activity[]) => void;
}
