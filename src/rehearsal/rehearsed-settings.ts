import type { Ownership } from '../snapshot/facet.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/**
 * A snapshot with those settings alone that a rehearsal brings back. What a role has set for itself in the database comes back
 * with the roles, which the runbook leaves out: but for the owner of the database, there is no such role. Pure.
 */
export function withRehearsedSettings(snapshot: Snapshot, ownership: Ownership, owner: string): Snapshot {
  const { DATABASE_SETTING: settings } = snapshot.state;
  if (ownership === 'preserve' || settings === undefined) return snapshot;
  const kept = Object.entries(settings).filter(([object]) => {
    const role = /^\S+ for (.*)$/s.exec(object)?.[1];
    return role === undefined || role === owner;
  });
  return { ...snapshot, state: { ...snapshot.state, DATABASE_SETTING: Object.fromEntries(kept) } };
}
