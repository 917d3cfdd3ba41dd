import pg from 'pg';
import { OperationalError } from '../system/operational-error.ts';
import type { Exchanged, Move } from './exchange.ts';
import { ownComment, writeMark } from './marks.ts';
import { assertNoneFinal } from './obstacles.ts';
import { findSwitched, planKeptName, planRollback, type Kept } from './plan.ts';
import { compareReadable, type Readable } from './readable-tables.ts';
import type { RecoveryServer } from './recovery-server.ts';
import type { RestoredBeside } from './restore-beside.ts';
import { assertAccepted, type RightsCost } from './rights-cost.ts';

type Verified = Extract<RestoredBeside, { name: string }>;

/** What came of an exchange of names. */
export interface Switched {
  /** The database that was live until then, by its new name; null where there was none. */
  putAside: string | null;
  exchanged: Exchanged;
  warnings: string[];
  /** What the roles that had sessions can read now. */
  readable: Readable[];
}

/** Whether a backup is live already, and what was kept for it. Null where it is not. */
export async function findDone(server: RecoveryServer, backup: string): Promise<{ kept: string | null } | null> {
  return findSwitched(await server.listDatabases(), { live: server.live, backup, takenAt: new Date(0) });
}

/**
 * Lets a verified database take the place of the live one, which is kept under another name. Who owns it, its limits,
 * grants, settings and comment are those of the live one. Rights on what is in it were carried over before: see rights-cost.ts.
 * @param rights what that costs roles, and whether that is accepted
 * @throws OperationalError RIGHTS_DIFFER, SWITCH_FAILED, NOT_PERMITTED, SERVER_LOST; the live database is what it was then
 */
export async function switchOver(
  server: RecoveryServer,
  restored: Verified,
  now: Date,
  rights: { cost: RightsCost; accepted: boolean },
): Promise<Switched> {
  const { live } = server;
  const { name, about } = restored;
  if (restored.verdict !== 'verified') throw new Error(`The database ${name} is not verified.`);
  const current = await server.readFacts(live);
  assertStillLive(live, restored.liveOid, current?.oid ?? null);
  assertAccepted(rights.cost, rights.accepted, { live, name });
  const warnings = current === null ? [] : assertNoneFinal(await server.findObstacles());
  const missing = await server.carryOver(name, current ?? restored.facts);
  if (missing.length > 0) {
    const message = `The ${missing.join(', ')} of ${live} could not be given to ${name}. Nothing was switched. See what the role may do, or set them by hand on both.`;
    throw new OperationalError('SWITCH_FAILED', message);
  }
  const databases = await server.listDatabases();
  const oid = databases.find((database) => database.name === name)?.oid ?? '';
  if (current === null) {
    const comment = writeMark({ ...about, state: 'live', comment: restored.facts.comment });
    const exchanged = await server.exchange([{ oid, from: name, to: live, comment }]);
    return { putAside: null, exchanged, warnings, readable: [] };
  }
  const kept = planKeptName(databases, live, now);
  const comment = ownComment(current.comment);
  const mark = writeMark({
    ...{ ...about, state: 'kept', successor: oid, replacedAt: now.toISOString(), comment },
    xid: await server.readXid(),
  });
  const roles = await server.listWorkingRoles();
  const exchanged = await server.exchange([
    { oid: current.oid, from: live, to: kept, comment: mark },
    // Until then it had to be read.
    { oid, from: name, to: live, comment, options: current },
  ]);
  const { readable, problems } = await lookAtRoles(server, { before: kept, now: live }, roles);
  return {
    putAside: kept,
    exchanged,
    readable,
    warnings: [...warnings, ...problems, ...(current.allowConnections ? [] : [stillClosed(live)])],
  };
}

/** What was compared, and has its rights carried over, is the database that was live then: another one is not put aside for it. */
function assertStillLive(live: string, before: string | null, now: string | null): void {
  if (before === now) return;
  const what =
    before === null
      ? `There is a database ${live} now, and there was none when this began.`
      : now === null
        ? `There is no database ${live} any more: it was renamed or dropped since this began.`
        : `The database ${live} is another one than when this began.`;
  const message = `${what} Somebody else is at work on the server. Nothing was switched. See which database ought to be live, and start again.`;
  throw new OperationalError('SWITCH_FAILED', message);
}

/** The switch is done: what cannot be looked at any more does not undo it. */
async function lookAtRoles(server: RecoveryServer, names: { before: string; now: string }, roles: string[]) {
  try {
    return { readable: await compareReadable(server, names, roles), problems: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { readable: [], problems: [`What roles can read now could not be looked at: ${reason}`] };
  }
}

function stillClosed(live: string): string {
  return `${live} is closed, as it was: ALTER DATABASE ${pg.escapeIdentifier(live)} ALLOW_CONNECTIONS true lets sessions in.`;
}

/**
 * What came of a rollback, or where the current database stands if that has happened already; and what else is kept. Rows of
 * what was put aside whose transaction is not before `since` were written after the switch; null where nobody noted that.
 */
export type RolledBack = ((Omit<Switched, 'readable'> & { since: string | null }) | { done: string }) & {
  others: Kept[];
};

/**
 * Gives a database that was kept its place back.
 * @param to its name; null for the one that the live one has replaced
 * @throws OperationalError NOTHING_KEPT, SWITCH_FAILED, NOT_PERMITTED, SERVER_LOST; the live database is what it was then
 */
export async function rollBack(server: RecoveryServer, now: Date, to: string | null = null): Promise<RolledBack> {
  const { live } = server;
  const plan = planRollback(await server.listDatabases(), live, to);
  const { others } = plan;
  if (plan.kind === 'done') return { done: plan.putAside, others };
  const { kept, current } = plan;
  const warnings = current === null ? [] : assertNoneFinal(await server.findObstacles());
  const { tool, database, backup, takenAt, comment, xid } = kept.mark;
  // Another one may have been switched to since: what is live then has a switch of its own.
  const since = current !== null && kept.mark.successor === current.oid ? (xid ?? null) : null;
  const moves: Move[] = [{ oid: kept.oid, from: kept.name, to: live, comment }];
  if (current !== null) {
    const mark = writeMark({
      ...{ tool, database, backup, takenAt },
      state: 'rolled-back',
      predecessor: kept.oid,
      rolledBackAt: now.toISOString(),
      ...(since !== null && { since }),
    });
    moves.unshift({ oid: current.oid, from: live, to: current.putAside, comment: mark });
  }
  return { putAside: current?.putAside ?? null, exchanged: await server.exchange(moves), warnings, others, since };
}
