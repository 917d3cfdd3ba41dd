import type pg from 'pg';
import { readFacts, type DatabaseFacts } from './database-facts.ts';
import { readServerDisk, type ServerDisk } from './disk/server-disk.ts';
import { listMarkedDatabases } from './list-databases.ts';
import { assertPermitted, findObstacles, type Obstacle, type Wanted } from './obstacles.ts';
import type { MarkedDatabase } from './plan.ts';
import { rethrowServerError } from './server-errors.ts';
import { listWorkingRoles } from './working-roles.ts';

/** What a server says of itself and of its databases. Nothing of it runs code of a database. */
export class LiveServer {
  /** Name of the database beside which backups are restored. */
  readonly live: string;
  readonly #client: pg.Client;

  protected constructor(live: string, client: pg.Client) {
    this.live = live;
    this.#client = client;
  }

  protected get client(): pg.Client {
    return this.#client;
  }

  async listDatabases(): Promise<MarkedDatabase[]> {
    return listMarkedDatabases(this.client).catch(rethrowServerError);
  }

  /** What belongs to a database and is in no dump; null where there is none of that name. */
  async readFacts(name: string): Promise<(DatabaseFacts & { oid: string }) | null> {
    return readFacts(this.client, name).catch(rethrowServerError);
  }

  /** The name of an encoding that pg_database has as a number. */
  async encodingName(number: string): Promise<string> {
    const sql = 'select pg_catalog.pg_encoding_to_char($1::int) as name';
    const { rows } = await this.query<{ name: string }>(sql, [number]);
    return rows[0]?.name ?? 'UTF8';
  }

  /** The transaction that comes next, of 64 bits. */
  async readXid(): Promise<string> {
    const { rows } = await this.query<{ xid: string }>(
      'select pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text as xid',
    );
    return rows[0]?.xid ?? '0';
  }

  assertPermitted(...wanted: Wanted): Promise<void> {
    return assertPermitted(this.client, ...wanted).catch(rethrowServerError);
  }

  /** What is in the way of a switch now. */
  findObstacles(): Promise<Obstacle[]> {
    return findObstacles(this.client, this.live).catch(rethrowServerError);
  }

  /** What can be known of the server's disks. */
  readDisk(tablespace: string | null): Promise<ServerDisk> {
    return readServerDisk(this.client, this.live, tablespace).catch(rethrowServerError);
  }

  listWorkingRoles(): Promise<string[]> {
    return listWorkingRoles(this.client, this.live).catch(rethrowServerError);
  }

  protected async query<Row extends pg.QueryResultRow>(
    sql: string,
    values: unknown[] = [],
  ): Promise<pg.QueryResult<Row>> {
    return this.client.query<Row>(sql, values).catch(rethrowServerError);
  }
}
