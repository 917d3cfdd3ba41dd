import { disconnect, interpretError } from '../postgres/connection.ts';
import { connectToSource } from '../postgres/source.ts';
import { OperationalError } from '../system/operational-error.ts';
import { pinSettings } from '../snapshot/pinned-settings.ts';
import { compareRights } from './compare-rights.ts';
import type { RecoveryServer } from './recovery-server.ts';
import type { ObjectRights, RightsChange, RoleRights } from './rights.ts';
import { rightsStatements } from './rights-statements.ts';
import { rightsQuery } from './rights-query.ts';

/** What a switch would cost roles. */
export type RightsCost =
  /** What stays different, and what a switch carries over, or has. */
  | { kind: 'compared'; change: RightsChange; carried: RightsChange }
  /** There is no live database, and so nothing that could be lost. */
  | { kind: 'no-live' }
  | { kind: 'unreadable'; reason: string };

const queryTimeoutMs = 10 * 60_000;

/**
 * Compares who may do what in the live database and in a restored one. The live one may be what broke: it need not answer. What
 * can be granted is carried over by a switch; who owns what is not.
 */
export async function readRightsCost(server: RecoveryServer, name: string, signal?: AbortSignal): Promise<RightsCost> {
  const sides = await readSides(server, name, signal);
  if ('kind' in sides) return sides;
  const [change, carried] = splitChange(compareRights(sides.live, sides.restored));
  return { kind: 'compared', change, carried };
}

/**
 * Gives roles the rights in a verified database that they have in the live one, as far as the server lets us.
 * @returns what stays different
 */
export async function carryRights(server: RecoveryServer, name: string, signal?: AbortSignal): Promise<RightsCost> {
  const sides = await readSides(server, name, signal);
  if ('kind' in sides) return sides;
  const { live } = sides;
  const [, carried] = splitChange(compareRights(live, sides.restored));
  let { restored } = sides;
  // What is revoked on a table is revoked on its columns, too: those come back in the second round.
  for (let round = 0; round < 2; round++) {
    const statements = rightsStatements(live, restored);
    if (statements.length === 0) break;
    await server.grantRights(name, statements);
    restored = await readRights(server, name, signal);
  }
  return { kind: 'compared', change: compareRights(live, restored), carried };
}

async function readSides(
  server: RecoveryServer,
  name: string,
  signal: AbortSignal | undefined,
): Promise<{ live: ObjectRights[]; restored: ObjectRights[] } | RightsCost> {
  const { live } = server;
  if ((await server.readFacts(live)) === null) return { kind: 'no-live' };
  const restored = await readRights(server, name, signal);
  try {
    return { live: await readRights(server, live, signal), restored };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return { kind: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What nobody can grant, and what can be. Pure. */
function splitChange({ lost, gained }: RightsChange): [RightsChange, RightsChange] {
  const isOwnership = (privileges: string[]) => privileges.includes('OWNER');
  const filter = (roles: RoleRights[], keep: (privileges: string[]) => boolean) =>
    roles
      .map(({ role, objects }) => ({ role, objects: objects.filter(({ privileges }) => keep(privileges)) }))
      .filter(({ objects }) => objects.length > 0);
  const split = (keep: (privileges: string[]) => boolean) => ({
    lost: filter(lost, keep),
    gained: filter(gained, keep),
  });
  return [split(isOwnership), split((privileges) => !isOwnership(privileges))];
}

/**
 * Sees to it that the cost of a switch is known and accepted.
 * @throws OperationalError RIGHTS_DIFFER
 */
export function assertAccepted(cost: RightsCost, accepted: boolean, { live, name }: { live: string; name: string }) {
  if (accepted || isFree(cost)) return;
  const message = `Not switched: ${explain(cost, live)}. Nothing has changed in ${live}. Give objects in ${name} their owners and rights, and start again, or switch in spite of it with --accept-differences.`;
  throw new OperationalError('RIGHTS_DIFFER', message);
}

/** Whether no role loses or gets anything. Pure. */
export function isFree(cost: RightsCost): boolean {
  if (cost.kind === 'compared') return cost.change.lost.length + cost.change.gained.length === 0;
  return cost.kind === 'no-live';
}

function explain(cost: RightsCost, live: string): string {
  if (cost.kind !== 'compared') return `nobody knows what rights roles would lose, as ${live} cannot be read`;
  const { lost, gained } = cost.change;
  const parts = [
    ...(lost.length === 0 ? [] : [`${nameRoles(lost)} would lose rights`]),
    ...(gained.length === 0 ? [] : [`${nameRoles(gained)} would get rights that are not theirs now`]),
  ];
  return parts.join(', and ');
}

function nameRoles(roles: RoleRights[]): string {
  const names = roles.map(({ role }) => role ?? 'PUBLIC');
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} other roles`;
}

async function readRights(server: RecoveryServer, name: string, signal: AbortSignal | undefined) {
  await using reader = await server.openReader(name);
  const client = await connectToSource(reader.connection, { timeoutMs: queryTimeoutMs });
  const end = () => void disconnect(client);
  signal?.addEventListener('abort', end, { once: true });
  try {
    signal?.throwIfAborted();
    await pinSettings(client);
    const { rows } = await client.query<ObjectRights>(rightsQuery);
    return rows;
  } catch (error) {
    if (signal?.aborted !== true) throw interpretError(error);
    throw new OperationalError('INTERRUPTED', 'Comparing rights was interrupted. Nothing was switched.', {
      cause: error,
    });
  } finally {
    signal?.removeEventListener('abort', end);
    await disconnect(client);
  }
}
