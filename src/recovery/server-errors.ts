import pg from 'pg';
import { interpretError } from '../postgres/connection.ts';
import { OperationalError } from '../system/operational-error.ts';

/** Errors in words for a person; what the server says names objects of its own, and no rows. */
export function rethrowServerError(error: unknown): never {
  const interpreted =
    error instanceof pg.DatabaseError && serverErrors[error.code ?? ''] ? error : interpretError(error);
  if (!(interpreted instanceof pg.DatabaseError)) throw interpreted;
  const known = isLocale.test(interpreted.message) ? localeMissing : serverErrors[interpreted.code ?? ''];
  const { code, next } = known ?? { code: 'RESTORE_FAILED', next: 'See the log of the server.' };
  throw new OperationalError(code, `${interpreted.message}. ${next}`, { cause: interpreted });
}

/** Of a database that is to have the locale of the one that was backed up. */
const isLocale =
  /invalid (?:LC_\w+ )?locale name|could not open collator for locale|ICU locale .* has unknown language/;
const localeMissing = {
  code: 'LOCALE_MISSING',
  next: 'Install the locale on the server (Debian: locales-all), restart it, and start again.',
} as const;

/** By SQLSTATE: insufficient_privilege, invalid_catalog_name, disk_full, object_in_use, lock_not_available, invalid_parameter_value, undefined_object. */
const serverErrors: Record<string, { code: OperationalError['code']; next: string }> = {
  '42501': { code: 'NOT_PERMITTED', next: 'Log in as a role that may do it, or as a superuser.' },
  '3D000': {
    code: 'SWITCH_FAILED',
    next: 'It was renamed or dropped meanwhile: somebody else is at work on the server. See which databases there are, and start again.',
  },
  '53100': { code: 'DISK_FULL', next: 'Free some space on the server and start again.' },
  '55006': { code: 'SWITCH_FAILED', next: 'End the sessions in it and start again.' },
  '55P03': { code: 'SWITCH_FAILED', next: 'Another session holds a lock on the database: wait, and start again.' },
  '22023': {
    code: 'SWITCH_FAILED',
    next: 'The server does not let the restored database have what the live one has: give the server what that needs (a library in shared_preload_libraries), or take it from the live one, and start again.',
  },
  '42704': { code: 'RESTORE_FAILED', next: 'Create it on the server first and start again.' },
};
