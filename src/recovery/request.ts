import type { Profile } from '../config/profile.ts';
import type { Activity } from '../postgres/activity.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import type { Backup } from '../restore/read-backup.ts';
import { restoreTimeoutMs } from '../restore/time-limit.ts';
import { OperationalError } from '../system/operational-error.ts';

/** Which backup is to be restored, and how. */
export interface RecoveryRequest {
  backup: Backup;
  profile: Pick<Profile, 'database' | 'ownership' | 'restoreAs' | 'extensions' | 'tables' | 'tolerate'>;
  limits: ToolLimits;
  /** How much of the server's disk the restore may take, where a person says it, who then knows better than an estimate. */
  mostDiskBytes?: number | null;
  /** The next older dump, where this one was looked for by its time. */
  older?: string | null;
  /** Is told what happens next. */
  say: (what: string) => void;
  /** Is told how many bytes of the dump have been read. */
  onProgress?: (sizeBytes: number) => void;
  /** Is told what the server does for the restore. */
  onActivity?: (activity: Activity[]) => void;
}

/** As the backup was taken: what was not written down about owners and privileges cannot be compared. Pure. */
export function ownershipOf({ backup, profile }: RecoveryRequest): Profile['ownership'] {
  return backup.examination.manifest?.ownership ?? profile.ownership;
}

/** The same, ended where something in the dump hangs. */
export function withTimeout(request: RecoveryRequest): RecoveryRequest {
  const { backup, limits } = request;
  const timeoutMs = Math.min(
    limits.timeoutMs,
    restoreTimeoutMs(backup.dump.seal?.sizeBytes ?? backup.examination.sizeBytes),
  );
  return { ...request, limits: { ...limits, timeoutMs } };
}

/** The same, ended by a further signal. */
export function withSignal(request: RecoveryRequest, further: AbortSignal): RecoveryRequest {
  const { signal } = request.limits;
  return { ...request, limits: { ...request.limits, signal: AbortSignal.any(signal ? [signal, further] : [further]) } };
}

/** @throws OperationalError INTERRUPTED */
export function assertNotInterrupted({ limits }: Pick<RecoveryRequest, 'limits'>): void {
  if (limits.signal?.aborted === true)
    throw new OperationalError('INTERRUPTED', 'The restore was interrupted. The live database was not touched.');
}
