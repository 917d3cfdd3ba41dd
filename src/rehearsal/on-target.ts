import type { DisposableServer } from '../engine/engine.ts';
import { lentBy } from '../postgres/disposable.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { FacetId } from '../snapshot/snapshot.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { ServedDatabase } from './served-database.ts';

/** Roles have other rights there, and the login is a member of each. */
export const notOnTarget: readonly FacetId[] = ['ROLE', 'ROLE_MEMBERSHIP'];

type NotChecked = Evidence['coverage']['notChecked'];

const why = 'the server is one that somebody else provides (--target)';

/** What a server that was lent cannot be put through, for the evidence. */
export function notDoneOnTarget({ admin }: Pick<DisposableServer, 'admin'>): NotChecked {
  const isSuperuser = lentBy(admin)?.isSuperuser === true;
  return [
    {
      what: 'that code of the dump cannot act on the world while it is restored',
      why: `${why}: it may reach whatever that server reaches`,
    },
    { what: 'damage of the server itself: a crash, a full disk, a changed template', why },
    ...(isSuperuser
      ? []
      : [
          {
            what: 'what takes a superuser: pg_amcheck, libraries that functions need, rights over the server',
            why: `${why}, and its login is none`,
          },
        ]),
  ];
}

/**
 * For steps that change more of a server than databases and roles of their own.
 * @throws OperationalError TARGET_CANNOT
 */
export function assertOwnServer({ server }: ServedDatabase, what: string): void {
  if (server.engine !== 'target') return;
  const message = `${what} takes a server that was started for it, and this one is somebody else's (--target). Run it on an engine: --engine auto.`;
  throw new OperationalError('TARGET_CANNOT', message);
}
