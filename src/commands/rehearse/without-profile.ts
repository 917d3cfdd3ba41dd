import { existsSync } from 'node:fs';
import { databaseOfFile } from '../../backup/database-of-file.ts';
import type { Settings } from '../../config/settings.ts';
import { readDatabaseUrl } from '../../source/database-url.ts';
import type { Environment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { findDefaultProfile } from '../../terminal/default-profile.ts';

type Asked = Pick<Settings, 'config' | 'backup' | 'source' | 'rehearsals' | 'all'>;

/**
 * Says whether a rehearsal does without a profile: nobody has written one, here or above, and a flag names what is rehearsed.
 * @throws OperationalError PROFILE_INVALID for what cannot do without; BAD_USAGE for a URL that is none
 */
export async function readAssumed(
  { config, backup, source, rehearsals, all }: Asked,
  environment: Pick<Environment, 'databasePassword' | 'libpq'>,
): Promise<NonNullable<Settings['assumed']> | null> {
  if (existsSync(config) || config !== findDefaultProfile()) return null;
  if (backup === null && source === null) throw nothingNamed();
  const [other] = all ? ['--all'] : rehearsals.filter((name) => !ofBackups.includes(name));
  if (other !== undefined) throw takesProfile(other);
  return { database: await nameDatabase(backup, source, environment), directory: process.cwd() };
}

const ofBackups = ['latest-backup', 'upgrade'];

async function nameDatabase(
  backup: string | null,
  source: string | null,
  environment: Pick<Environment, 'databasePassword' | 'libpq'>,
): Promise<string> {
  if (source !== null) return (await readDatabaseUrl(source, environment)).connection.database;
  // Behind the path of an address there may be secrets.
  const path = (backup ?? '').replace(/^(\w+:\/\/[^?#]*).*$/s, '$1');
  return databaseOfFile(path) ?? 'database';
}

function nothingNamed(): OperationalError {
  const message = `There is no profile here or above (${findDefaultProfile()}). Name one with --config FILE; or rehearse without: --backup FILE takes a dump, --source URL a live database, which is only read.`;
  return new OperationalError('PROFILE_INVALID', message);
}

function takesProfile(what: string): OperationalError {
  const message = `${what} takes a profile, and there is none here or above (${findDefaultProfile()}). Without one, only ${ofBackups.join(' and ')} can be rehearsed.`;
  return new OperationalError('PROFILE_INVALID', message);
}
