import type { Reading } from './facet.ts';
import { isDenied } from './is-denied.ts';
import type { Snapshot } from './snapshot.ts';
import { stateFacets, type StateCategory } from './state-facets.ts';

/** Those that go with owners and roles are read only where these are restored. Pure. */
export function stateCategoriesOf(ownership: Reading['ownership']): StateCategory[] {
  const all = Object.keys(stateFacets) as StateCategory[];
  return all.filter((category) => ownership === 'preserve' || stateFacets[category].ownership === undefined);
}

/** Reads what definitions do not say. A category that the role may not read is left out, and named. */
export async function readState(reading: Reading): Promise<Required<Pick<Snapshot, 'state' | 'denied'>>> {
  const state: Snapshot['state'] = {};
  const denied: StateCategory[] = [];
  await reading.client.query('savepoint state');
  for (const category of stateCategoriesOf(reading.ownership)) {
    try {
      state[category] = await stateFacets[category].read(reading);
    } catch (error) {
      if (!isDenied(error)) throw error;
      await reading.client.query('rollback to savepoint state');
      denied.push(category);
    }
  }
  return { state, denied };
}
