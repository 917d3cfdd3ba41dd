import pg from 'pg';
import type { Snapshot, StateCategory } from './snapshot.ts';
import { stateQueries, type Ownership } from './state-queries.ts';

/**
 * Reads what definitions do not say. A category that the role may not read is left out.
 * @param client in a transaction
 */
export async function readState(client: pg.Client, ownership: Ownership): Promise<Snapshot['state']> {
  const state: Snapshot['state'] = {};
  const denied = new Set<StateCategory>();
  await client.query('savepoint state');
  for (const { category, sql, ownership: needed } of stateQueries) {
    if (needed === 'preserve' && ownership !== 'preserve') continue;
    try {
      const { rows } = await client.query<{ object: string; value: string }>(sql);
      const entries = rows.map(({ object, value }) => [withoutPublic(object), value] as const);
      state[category] = { ...state[category], ...Object.fromEntries(entries) };
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== insufficientPrivilege) throw error;
      await client.query('rollback to savepoint state');
      denied.add(category);
    }
  }
  return Object.fromEntries(Object.entries(state).filter(([category]) => !denied.has(category as StateCategory)));
}

/** SQLSTATE of "permission denied". */
const insufficientPrivilege = '42501';

function withoutPublic(object: string): string {
  return object.replace(/^public\./, '');
}
