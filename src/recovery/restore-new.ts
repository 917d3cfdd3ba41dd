import { findForeignLine } from '../postgres/globals.ts';
import { OperationalError } from '../system/operational-error.ts';
import { prepareDisk } from './disk/guard-restore.ts';
import type { MadeRoles } from './make-roles.ts';
import type { RecoveryServer } from './recovery-server.ts';
import type { RecoveryRequest } from './request.ts';
import { restoreBeside, type RestoredBeside } from './restore-beside.ts';
import { readRightsCost } from './rights-cost.ts';
import { findDone, switchOver } from './switch-over.ts';

/** What came of restoring a backup to a server that has no such database. */
export type RestoredNew =
  /** An earlier run has done it. */
  | { done: true }
  | {
      done: false;
      restored: RestoredBeside;
      /** null where nothing was made, as the backup was refused. */
      roles: MadeRoles | null;
    };

/**
 * Restores a backup to another server, as after the loss of a machine: the roles first, then the database beside where it is to be.
 * It gets its name once it is equal to the manifest, so that nobody ever works with half of it. What was ended is done again.
 * @throws OperationalError DATABASE_NAME_TAKEN where the server has a database of that name: then nothing was touched
 */
export async function restoreNew(server: RecoveryServer, request: RecoveryRequest): Promise<RestoredNew> {
  const { live } = server;
  const { sha256, globals } = request.backup.examination;
  if ((await server.readFacts(live)) !== null) {
    if ((await findDone(server, sha256)) !== null) return { done: true };
    const message = `There is a database ${live} on the server, and --new makes one where there is none. Nothing was touched. Leave --new away to restore beside it, or name another server.`;
    throw new OperationalError('DATABASE_NAME_TAKEN', message);
  }
  const foreign = globals === null ? null : findForeignLine(globals);
  if (foreign !== null)
    return { done: false, restored: { verdict: 'refused', findings: [refused(foreign)] }, roles: null };
  let roles: MadeRoles | null = null;
  const restored = await restoreBeside(server, request, async (owner) => {
    // Where there is no room, there is no use for roles either.
    await prepareDisk(server, request, null);
    request.say(`making the roles of the backup${globals === null ? ', of which it has none but the owner' : ''}`);
    roles = await server.makeRoles(globals, owner);
  });
  if (restored.verdict === 'verified') {
    const cost = await readRightsCost(server, restored.name, request.limits.signal);
    await switchOver(server, restored, new Date(), { cost, accepted: false });
  }
  return { done: false, restored, roles };
}

function refused(line: number) {
  return {
    rule: 'GLOBALS_REFUSED',
    message: `Line ${line} of the globals is none that pg_dumpall --globals-only writes about roles. A superuser would have run it, so nothing of it was run, and nothing was restored.`,
    remedy:
      'Find out who changed the file. Where it is right, run it by hand and move it away: roles that are there stay as they are.',
  };
}
