import type { Environment } from '../system/environment.ts';
import type { Profile } from '../config/profile.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { SourceServer } from './source-server.ts';
import { openUrl } from './url-source.ts';

/** What flags say of the source; `null` where the profile decides. */
export interface SourceChoice {
  url: string | null;
  composeService: string | null;
  composeProject: string | null;
}

/**
 * Opens the live database that flags or the profile name: by URL, or inside the container of a Compose service.
 * @param directory private directory; what is put there goes when the source is disposed of
 * @throws OperationalError BAD_USAGE where nothing names one, and what opening it throws
 */
export async function openSource(
  choice: SourceChoice,
  { database, backups }: Pick<Profile, 'database' | 'backups'>,
  environment: Environment,
  { directory, signal }: { directory: string; signal: AbortSignal },
): Promise<SourceServer> {
  const named = choice.url !== null || choice.composeService !== null;
  const url = named ? choice.url : (database.url ?? null);
  const service = named ? choice.composeService : (backups?.composeService ?? null);
  if (url !== null && service !== null) {
    throw new OperationalError('BAD_USAGE', 'Both a URL and a Compose service are named: name one of them.');
  }
  if (url !== null) return openUrl(url, environment, directory);
  if (service === null) {
    const message =
      'Nothing says where the database is: give --url postgres://user@host/database or --compose-service NAME, or set database.url or backups.composeService in the profile.';
    throw new OperationalError('BAD_USAGE', message);
  }
  // Testcontainers takes half a second to load: only those who use it wait for it.
  const { openComposeService } = await import('./compose-source.ts');
  const project = choice.composeProject ?? backups?.composeProject ?? null;
  const { name, owner } = database;
  const wanted = { service, project, database: name, user: owner, password: environment.databasePassword };
  return openComposeService(wanted, directory, signal);
}
