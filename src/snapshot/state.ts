import type pg from 'pg';
import type { Snapshot } from './snapshot.ts';
import { stateQueries, type Ownership } from './state-queries.ts';

/** Reads what definitions do not say. */
export async function readState(client: pg.Client, ownership: Ownership): Promise<Snapshot['state']> {
  const state: Snapshot['state'] = {};
  for (const query of stateQueries) {
    if (query.ownership === 'preserve' && ownership !== 'preserve') continue;
    const { rows } = await client.query<{ object: string; value: string }>(query.sql);
    const entries = rows.map(({ object, value }) => [withoutPublic(object), value] as const);
    state[query.category] = { ...state[query.category], ...Object.fromEntries(entries) };
  }
  return state;
}

function withoutPublic(object: string): string {
  return object.replace(/^public\./, '');
}
