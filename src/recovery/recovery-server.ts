import pg from 'pg';
import { connect, disconnect, withClient, type Connection } from '../postgres/connection.ts';
import { createExtensionsIn, type ExtensionRoles, type WantedExtension } from '../postgres/extensions.ts';
import { grantRecovery, type RecoveryTools } from '../postgres/recovery-tools.ts';
import { readRunningStatement } from '../postgres/running-statement.ts';
import { watchActivity } from '../postgres/watch-activity.ts';
import { canConnect, type ServerOfTools } from '../postgres/tool-errors.ts';
import type { ToolRunner } from '../postgres/tool.ts';
import { OperationalError } from '../system/operational-error.ts';
import { askServer } from '../source/login.ts';
import { carryOverStatements, compareFacts, createStatement } from './carry-over.ts';
import type { DatabaseFacts } from './database-facts.ts';
import { commentStatement, exchange, type Exchanged, type Move } from './exchange.ts';
import { emptyTables } from './disk/empty-tables.ts';
import { openGuard, type GuardLimits } from './disk/open-watch.ts';
import { grantRights } from './grant-rights.ts';
import { rethrowServerError } from './server-errors.ts';
import { lockBeside } from './lock.ts';
import { listExtensionsOf, type LiveExtension } from './list-extensions.ts';
import { LiveServer } from './live-server.ts';
import { droppableStates, finishedStates, writeMark, type FinishedState, type Mark } from './marks.ts';
import { makeRoles, type MadeRoles } from './make-roles.ts';
import { assertOurs, assertWhole } from './ours.ts';
import type { PoolerConsole } from './pooler-console.ts';
import { createRecoveryOperator, createRecoveryReader, type RecoveryOperator } from './restorer.ts';
import { removeLeftRoles, type AdministeredServer, type TemporaryRole } from './temporary-roles.ts';
import { directWay, type Way } from './way.ts';

type Tools = ToolRunner<'pg_dump' | 'pg_restore' | 'psql'>;

const lockWaitMs = 10_000;

interface OpenOptions {
  /** Lets clients wait while names are exchanged. */
  pooler?: PoolerConsole | null;
  /** Where it is not the address alone. Closed with the server. */
  way?: Way;
}

/**
 * A server that was not started here, and was given to restore a backup beside its live database: the one exception to
 * "only read". What can be done to it is what this class does, and nothing else: who logs in there is its secret, and no
 * function that takes disposable servers takes it. It changes databases that bear its marks, and names.
 */
export class RecoveryServer extends LiveServer implements AsyncDisposable {
  readonly tools: Tools;
  readonly serverVersion: string;
  /** How it is reached. */
  readonly way: Way;
  readonly #admin: Connection;
  /** Of roles that were made here. */
  readonly #passwords: string[] = [];
  readonly #pooler: PoolerConsole | null;

  private constructor(
    live: string,
    { admin, client }: { admin: Connection; client: pg.Client },
    { pooler = null, way = directWay(admin) }: OpenOptions,
    tools: Tools,
    serverVersion: string,
  ) {
    super(live, client);
    this.#admin = admin;
    this.#pooler = pooler;
    this.tools = tools;
    this.serverVersion = serverVersion;
    this.way = way;
  }

  /**
   * Opens a server whose client programs are given, and waits until nobody else restores beside the database.
   * @throws OperationalError BAD_USAGE, LOGIN_REFUSED, SERVER_LOST, SOURCE_TOO_OLD or SWITCH_FAILED
   */
  static async open(live: string, admin: Connection, tools: Tools, options: OpenOptions = {}): Promise<RecoveryServer> {
    if (live === admin.database) {
      const message = `--url names the database ${live} itself, which cannot be renamed from inside. Name another one of the server, like ${live === 'postgres' ? 'template1' : 'postgres'}.`;
      throw new OperationalError('BAD_USAGE', message);
    }
    const { description, passwordFrom } = options.way ?? directWay(admin);
    const { version: serverVersion } = await askServer(admin, description, passwordFrom);
    const client = await connect(admin, { lock_timeout: String(lockWaitMs) });
    try {
      await lockBeside(client, live, lockWaitMs);
    } catch (error) {
      await disconnect(client);
      throw error;
    }
    const server = new RecoveryServer(live, { admin, client }, options, tools, serverVersion);
    await server.removeLeftRoles();
    return server;
  }

  /** Who is asked whether the server still runs when a tool has failed. */
  get ofTools(): ServerOfTools {
    const statementIn = (name: string) => readRunningStatement(this.#admin, name);
    const watch: ServerOfTools['watch'] = (name, see) => watchActivity(this.#admin, name, see);
    return { description: 'the server', isUp: () => canConnect(this.#admin), statementIn, watch };
  }

  get secrets(): string[] {
    return [this.#admin.password, ...this.#passwords];
  }

  /** Removes roles of an earlier run beside this database that was killed, as far as nothing belongs to them. Never throws. */
  async removeLeftRoles(): Promise<void> {
    await removeLeftRoles(this.#administered).catch(() => undefined);
  }

  /** Watches the disks while a database of ours is filled. */
  async openGuard(name: string, ...limits: GuardLimits): ReturnType<typeof openGuard> {
    await this.#assertOurs(name, ['unfinished']);
    return openGuard(this.#admin, name, ...limits);
  }

  /** The extensions of a database; null where there is none of that name. */
  async listExtensions(name: string): Promise<LiveExtension[] | null> {
    if ((await this.readFacts(name)) === null) return null;
    return listExtensionsOf({ ...this.#admin, database: name });
  }

  /** Makes the roles of a backup, as far as they are not there, for a server that has lost its own. */
  async makeRoles(globals: string | null, owner: string): Promise<MadeRoles> {
    return makeRoles(this.client, globals, owner);
  }

  /** Creates an empty database like another, and marks it as ours. */
  async create(name: string, facts: DatabaseFacts, mark: Mark): Promise<void> {
    await this.query(createStatement(name, facts));
    await this.query(commentStatement(name, writeMark(mark)));
    // What is not verified yet is nobody's business but its owner's.
    await this.query(`revoke all on database ${pg.escapeIdentifier(name)} from public`);
    await this.query(`alter database ${pg.escapeIdentifier(name)} allow_connections true connection limit -1`);
  }

  /** Drops a database of ours whose restore of a backup did not come to its end, with what still works on it. */
  async dropUnfinished(name: string, backup: string): Promise<void> {
    await this.#assertOurs(name, ['unfinished'], backup);
    await emptyTables({ ...this.#admin, database: name }).catch(() => undefined);
    await this.query(`drop database ${pg.escapeIdentifier(name)} with (force)`);
  }

  /**
   * Drops a database that bears our mark, whatever came of it, and ends no session for it.
   * @throws OperationalError NOT_DISPOSABLE; what the server says, where somebody works in it
   */
  async dropMarked(name: string): Promise<void> {
    const mark = await this.#assertOurs(name, droppableStates);
    if (mark === null)
      throw new OperationalError('NOT_DISPOSABLE', `Refused to drop ${name}: it bears no mark of ours.`);
    await this.query(`drop database ${pg.escapeIdentifier(name)}`);
  }

  /**
   * Client programs that may restore into this database of ours, and who they log in as.
   * @param as the superuser where a profile says so; else a role that is gone afterwards, which may act for others where objects are theirs
   * @throws OperationalError LOGIN_REFUSED
   */
  async openRestorer(
    name: string,
    owner: string,
    as: 'superuser' | { actsFor: ((role: string) => boolean) | null },
  ): Promise<RecoveryOperator & { tools: RecoveryTools }> {
    await this.#assertOurs(name, ['unfinished']);
    const tools = grantRecovery(this.tools, name);
    const nothing = () => Promise.resolve();
    if (as === 'superuser') {
      const connection = { ...this.#admin, database: name };
      return { tools, connection, handOver: nothing, [Symbol.asyncDispose]: nothing };
    }
    const operator = await createRecoveryOperator(this.#administered, { name, owner }, as.actsFor).catch(
      rethrowServerError,
    );
    this.#passwords.push(operator.connection.password);
    return { ...operator, tools };
  }

  /**
   * The login that a database of the server is read with.
   * @throws OperationalError LOGIN_REFUSED; SOURCE_NOT_FOUND where there is none of that name
   */
  async openReader(name: string): Promise<TemporaryRole> {
    const facts = await this.readFacts(name);
    if (facts === null) throw new OperationalError('SOURCE_NOT_FOUND', `There is no database ${name} on the server.`);
    const database = { name, owner: facts.owner };
    const reader = await createRecoveryReader(this.#administered, database).catch(rethrowServerError);
    this.#passwords.push(reader.connection.password);
    return reader;
  }

  /** Creates extensions in a database of ours, and lets roles fill their tables. Resolves with the schemas there are then. */
  async createExtensions(name: string, wanted: WantedExtension[], roles: ExtensionRoles): Promise<string[]> {
    await this.#assertOurs(name, ['unfinished']);
    return withClient({ ...this.#admin, database: name }, (client) => createExtensionsIn(client, wanted, roles));
  }

  /** Notes that all of a backup is in a database of ours, and what came of comparing it. */
  async markFinished(name: string, mark: Extract<Mark, { state: FinishedState }>): Promise<void> {
    await this.#assertOurs(name, ['unfinished', ...finishedStates], mark.backup);
    const there = (await this.listDatabases()).find((database) => database.name === name);
    // Writing takes a lock on the database, for which there may be no need.
    if (there?.mark?.state !== mark.state) await this.query(commentStatement(name, writeMark(mark)));
  }

  /**
   * Gives a database of ours the connection limit, grants and settings of another.
   * @returns what is not the same in spite of it, in words
   */
  async carryOver(name: string, facts: DatabaseFacts): Promise<string[]> {
    await this.#assertOurs(name, ['verified']);
    assertWhole(await this.listDatabases(), name);
    const given = await this.readFacts(name);
    if (given === null) return ['the database'];
    try {
      await this.query('begin');
      for (const statement of carryOverStatements(name, facts, given)) await this.query(statement);
      await this.query('commit');
    } catch (error) {
      await this.client.query('rollback').catch(() => undefined);
      throw error;
    }
    const actual = await this.readFacts(name);
    return actual === null ? ['the database'] : compareFacts(facts, actual);
  }

  /** Grants and revokes in a database of ours, which from then on has the rights of the live one. */
  async grantRights(name: string, objects: string[][]): Promise<void> {
    const mark = await this.#assertOurs(name, ['verified']);
    if (mark?.state === 'verified') {
      await this.query(commentStatement(name, writeMark({ ...mark, hasRightsOfLive: true })));
    }
    await withClient({ ...this.#admin, database: name }, (client) => grantRights(client, objects)).catch(
      rethrowServerError,
    );
  }

  /** Exchanges names, all at once or not at all. */
  async exchange(moves: Move[]): Promise<Exchanged> {
    const helper = await connect(this.#admin);
    const work = () => exchange(this.client, helper, moves);
    try {
      return await (this.#pooler === null ? work() : this.#pooler.holdClients(work));
    } finally {
      await disconnect(helper);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await disconnect(this.client);
    await this.way.close();
  }

  get #administered(): AdministeredServer {
    return { client: this.client, admin: this.#admin, live: this.live, hbaLine: this.way.hbaLine };
  }

  async #assertOurs(name: string, states: Mark['state'][], backup?: string): Promise<Mark | null> {
    return assertOurs(await this.listDatabases(), { live: this.live, name, states, backup });
  }
}
