import type { OpenDump } from '../backup/format/backup-format.ts';
import { disconnect, withClient, type Connection } from '../postgres/connection.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import type { RestoreOptions } from '../restore/restore-options.ts';
import type { Target } from '../restore/target.ts';
import type { RecoveryServer } from './recovery-server.ts';
import { assertNotInterrupted, type RecoveryRequest } from './request.ts';

/**
 * A database of ours beside a live one. It is filled by a role without rights over the server, which may act for those that own
 * something in the dump; in the end everything that is nobody else's belongs to the owner of the database.
 */
export function liveTarget(server: RecoveryServer, database: string, owner: string, request: RecoveryRequest): Target {
  return {
    database,
    serverVersion: server.serverVersion,
    server: server.ofTools,
    get secrets() {
      return server.secrets;
    },
    remedies: { PERMISSION_DENIED: takesSuperuser, EXTENSION_NOT_PERMITTED: notOfLive(server.live) },
    async logIn(dump, options) {
      const as = options.restoreAs === 'superuser' ? 'superuser' : { actsFor: await actsFor(dump, options) };
      const operator = await server.openRestorer(database, owner, as);
      const { tools, connection } = operator;
      return {
        tools,
        login: connection,
        actsForOthers: as !== 'superuser' && as.actsFor !== null && options.ownership === 'preserve',
        findings: [],
        createExtensions: async (wanted) =>
          server.createExtensions(database, wanted, {
            owner,
            creator: { role: connection.user, of: await extensionsOfOwner(server, owner) },
            // What a dump with privileges grants to the owner is granted with all else.
            users: options.ownership === 'preserve' ? [connection.user] : [owner, connection.user],
            mayGrant: options.ownership === 'preserve',
          }),
        async complete() {
          assertNotInterrupted(request);
          request.say('gathering statistics');
          // A dump does not hold them; without them the first queries would be planned blindly. Functions of indexes run.
          await analyze(connection, request.limits);
          await operator.handOver();
        },
        [Symbol.asyncDispose]: () => operator[Symbol.asyncDispose](),
      };
    },
  };
}

/** The extensions of the live database that belong to its owner, as whoever restores is followed by the owner in the end. */
async function extensionsOfOwner(server: RecoveryServer, owner: string): Promise<Set<string>> {
  const live = await server.listExtensions(server.live).catch(() => null);
  return new Set(live?.filter((extension) => extension.owner === owner).map(({ name }) => name));
}

/** A function of an index that never ends would hold it up for ever. */
async function analyze(connection: Connection, { timeoutMs, signal }: ToolLimits): Promise<void> {
  await withClient(connection, async (client) => {
    const stop = () => void disconnect(client);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await client.query(`set statement_timeout = ${Math.min(timeoutMs, 2 ** 31 - 1)}`);
      await client.query('analyze');
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  });
}

async function actsFor(dump: OpenDump, { ownership }: RestoreOptions): Promise<((role: string) => boolean) | null> {
  return ownership === 'preserve' ? dump.readOwners() : null;
}

/** A dump is code, and must not choose what a superuser installs for it. */
function notOfLive(live: string): string {
  return `A dump gets the extensions that ${live} has now, and no others; where there is no ${live}, those that the manifest or the profile names. Where you trust this one, create it there as a superuser, and start again: create extension NAME. Or restore only the tables that you need, with --table.`;
}

const takesSuperuser =
  'The role that restores has no rights but in the new database, and may only act for the roles without rights over the server that own something in the dump. ' +
  'What takes a superuser (event triggers, objects of superusers) needs restoreAs: "superuser" in the profile: then the code of the dump has all rights of this server. Do so only with a dump that you trust.';
