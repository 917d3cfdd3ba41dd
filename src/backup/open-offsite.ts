import { OperationalError } from '../system/operational-error.ts';
import { parseDestination } from './destination.ts';
import { openRclone, type Rclone } from './rclone.ts';
import type { RcloneOptions } from './rclone-runner.ts';

/**
 * Opens the place off-host that a profile names.
 * @throws OperationalError PROFILE_INVALID
 */
export function openOffsite(
  { offsite, rcloneConfig: config }: { offsite?: string | undefined; rcloneConfig?: string | undefined } = {},
  options: Omit<RcloneOptions, 'destination' | 'config'>,
): Rclone {
  if (offsite === undefined) {
    const message = 'Nothing says where copies off-host are: set backups.offsite in the profile.';
    throw new OperationalError('PROFILE_INVALID', message);
  }
  return openRclone({ destination: parseDestination(offsite, 'backups.offsite'), config, ...options });
}
