import pg from 'pg';

/** Whether a role may not read something, or a policy would hide rows from it (insufficient_privilege). */
export function isDenied(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.code === '42501';
}
