import type { Finding } from '../evidence/schema.ts';
import { lentBy, withDisposable, type DisposableConnection, type DisposableTools } from '../postgres/disposable.ts';
import { OperationalError } from '../system/operational-error.ts';
import { createExtensions, type WantedExtension } from '../postgres/extensions.ts';
import { findLacks } from '../postgres/server-lacks.ts';
import { createOperator } from '../postgres/operator.ts';
import type { Login } from '../postgres/reader.ts';
import { readRunningStatement } from '../postgres/running-statement.ts';
import { watchActivity } from '../postgres/watch-activity.ts';
import { canConnect } from '../postgres/tool-errors.ts';
import { drillRemedies } from './drill-remedies.ts';
import type { Target } from './target.ts';

/** A database of a server that was started for it. */
export interface DisposableDatabase {
  server: DisposableTools & { readonly serverVersion: string };
  /** The database, with the role that owns it. */
  owner: DisposableConnection;
  /** Who restores with owners and privileges, and is there only meanwhile. */
  operator: Login;
  secrets: string[];
}

/** A target for a drill: the owner restores, or a role that may give objects to others; the superuser where the profile says so. */
export function disposableTarget({ server, owner, operator, secrets }: DisposableDatabase): Target {
  const { database, user } = owner;
  const admin = { ...server.admin, database };
  const common = {
    tools: server,
    actsForOthers: false,
    findings: [] as Finding[],
    complete: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const createFor = (users: string[], mayGrant: boolean) => (wanted: WantedExtension[]) =>
    createExtensions(admin, wanted, { owner: user, users, mayGrant });
  return {
    database,
    serverVersion: server.serverVersion,
    server: {
      description: 'the disposable server',
      isDisposable: true,
      isUp: () => canConnect(server.admin),
      statementIn: (name) => readRunningStatement(server.admin, name),
      watch: (name, see) => watchActivity(server.admin, name, see),
    },
    secrets,
    findLacks: (needs) => withDisposable(admin, (client) => findLacks(client, needs, server.serverVersion)),
    remedies: drillRemedies,
    async logIn(dump, { ownership, restoreAs }) {
      if (restoreAs === 'superuser') {
        assertMayRestoreAsSuperuser(server.admin);
        return { ...common, createExtensions: createFor([], false), login: admin, findings: [asSuperuser(database)] };
      }
      if (ownership === 'runbook') return { ...common, createExtensions: createFor([user], false), login: owner };
      const made = await createOperator(server.admin, owner, operator, await dump.readOwners());
      return {
        ...common,
        login: made.connection,
        createExtensions: createFor([made.connection.user], true),
        actsForOthers: true,
        async [Symbol.asyncDispose]() {
          try {
            await made[Symbol.asyncDispose]();
          } catch {
            // One that could not be dropped shows in the comparison; what went wrong before it is what has to be seen.
          }
        },
      };
    },
  };
}

/** @throws OperationalError TARGET_CANNOT: code of an archive would have all rights of a server that stays */
function assertMayRestoreAsSuperuser(admin: DisposableConnection): void {
  if (lentBy(admin) === null) return;
  const message = `The profile says restoreAs: "superuser", and the target is somebody else's server: code of the archive would have all rights there. Leave restoreAs out, or run it on an engine: --engine auto.`;
  throw new OperationalError('TARGET_CANNOT', message);
}

function asSuperuser(database: string): Finding {
  return {
    rule: 'RESTORED_AS_SUPERUSER',
    severity: 'warning',
    object: database,
    message:
      'The profile says restoreAs: "superuser": code of the archive ran with all rights of the disposable server.',
    remedy:
      'Leave restoreAs out if the dump holds nothing that takes a superuser, and trust whoever wrote the archive.',
  };
}
