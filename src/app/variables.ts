import type { AppProfile } from '../config/profile.ts';
import { databaseUrl, type Connection } from '../postgres/connection.ts';
import { OperationalError } from '../system/operational-error.ts';

/**
 * The environment that the profile gives the application for a database.
 * @throws OperationalError PROFILE_INVALID where the profile's function throws or gives anything but strings
 */
export function applicationVariables({ env }: AppProfile, database: Connection): Record<string, string> {
  if (typeof env !== 'function') return env;
  const variables: unknown = call(() => env({ ...database, url: databaseUrl(database) }));
  if (isStringRecord(variables)) return variables;
  throw new OperationalError('PROFILE_INVALID', 'app.env has to return an object whose values are strings.');
}

function call(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperationalError('PROFILE_INVALID', `app.env failed: ${reason}`, { cause: error });
  }
}

/** A list, a Map or the promise of an async function would be an object, too, whose variables get lost. */
function isStringRecord(value: unknown): value is Record<string, string> {
  return (
    Object.prototype.toString.call(value) === '[object Object]' &&
    Object.values(value as object).every((entry) => typeof entry === 'string')
  );
}
