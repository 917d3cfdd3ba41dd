import type { Environment } from '../../system/environment.ts';
import { parseDestination } from '../destination.ts';
import { namedBackupSet } from '../named-backup-set.ts';
import type { FetchingOptions, FoundBackup } from './found.ts';
import { fetchFromWeb } from './from-web.ts';
import { findNewestHere } from './newest-here.ts';
import { fetchFromRemote } from './newest-there.ts';
import { parseOrigin } from './origin.ts';
import { openRemote } from './remote-files.ts';

export interface NamedOptions extends FetchingOptions {
  /** Paths start here. */
  from: string;
  environment: Environment;
  rcloneConfig: string | undefined;
  /** What programs that fetch are marked with: a directory of the run. */
  marker: string;
  limits: { timeoutMs: number; signal: AbortSignal | undefined };
}

/** A server that says nothing for so long has forgotten us. */
const silenceMs = 60_000;

/**
 * Finds the backup that somebody names, wherever it is, and fetches it where it is not here.
 * @throws OperationalError BAD_USAGE, BACKUP_NOT_FOUND, BACKUP_NOT_FETCHED, DISK_FULL, and what rclone's `list` throws
 */
export async function findNamed(text: string, options: NamedOptions): Promise<FoundBackup> {
  const origin = parseOrigin(text, options.from);
  const { limits, database, now, environment, marker, rcloneConfig: config } = options;
  switch (origin.kind) {
    case 'file':
      return { ...nothingElse, set: await namedBackupSet(origin.file), from: origin.file };
    case 'newest':
      return findNewestHere({ ...origin, database, now });
    case 'web':
      return fetchFromWeb(origin.address, options, {
        ...limits,
        silenceMs,
        pauseMs: 1000,
        proxies: environment.proxies,
      });
    case 'remote': {
      const destination = parseDestination(origin.remote, 'the backup');
      return fetchFromRemote(openRemote({ destination, config, environment, marker, limits }), options);
    }
  }
}

const nothingElse = { candidates: 1, passedOver: [], moment: null, tool: null };
