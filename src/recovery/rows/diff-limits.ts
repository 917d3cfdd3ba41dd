import pg from 'pg';

/** How much is compared, and shown. */
export interface DiffLimits {
  /** Keys of each kind. */
  keys: number;
  /** On the monotonic clock. */
  deadline: number;
}

/** Whatever is asked from here on ends at the deadline. */
export async function limitTo(client: pg.Client, deadline: number): Promise<void> {
  const leftMs = Math.max(1, Math.ceil(deadline - performance.now()));
  await client.query("select pg_catalog.set_config('statement_timeout', $1, true)", [String(leftMs)]);
}

/** Whether a statement was ended because its time was up. Pure. */
export function isOutOfTime(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57014';
}
