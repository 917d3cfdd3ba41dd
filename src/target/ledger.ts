import pg from 'pg';
import type { LentServer, Thing } from '../postgres/lent-server.ts';
import { OperationalError } from '../system/operational-error.ts';
import { markerDatabase } from './marker.ts';

/** What this process made on a target, and what rehearsals before it wrote down there: in the database of the marker. */
export class Ledger implements LentServer {
  readonly adminDatabase = markerDatabase;
  readonly isSuperuser: boolean;
  readonly #ours = new Set<string>();
  readonly #readers: string[] = [];
  readonly #isHeld: () => boolean;
  readonly #atWork = new Set<Promise<unknown>>();
  #isClosed = false;

  /** @param isHeld whether the server is still kept for this rehearsal alone */
  constructor(isSuperuser: boolean, isHeld: () => boolean) {
    this.isSuperuser = isSuperuser;
    this.#isHeld = isHeld;
  }

  isOurs(kind: Thing['kind'], name: string): boolean {
    return this.#ours.has(`${kind} ${name}`);
  }

  assertOurs(database: string): void {
    this.#assertHeld();
    if (database === this.adminDatabase || this.isOurs('database', database)) return;
    const message = `Refused to change anything in the database ${database} of the target: this rehearsal has not made it.`;
    throw new OperationalError('NOT_DISPOSABLE', message);
  }

  make<T>(client: pg.Client, thing: Thing, create: () => Promise<T>): Promise<T> {
    this.#assertHeld();
    const work =
      thing.kind === 'role' ? this.#makeRole(client, thing, create) : this.#makeDatabase(client, thing, create);
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.#atWork.add(settled);
    void settled.then(() => this.#atWork.delete(settled));
    return work;
  }

  async forget(client: pg.Client, { kind, name }: Thing): Promise<void> {
    await client.query(forgetMade, [kind, name]);
    this.#ours.delete(`${kind} ${name}`);
  }

  /** Nothing is made any more; resolves when what is being made is there. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#atWork);
  }

  /** A role and the line about it are there together, or neither is. */
  async #makeRole<T>(client: pg.Client, thing: Thing, create: () => Promise<T>): Promise<T> {
    const { kind, name, reads = false, handsOn = false } = thing;
    await assertFree(client, thing);
    await client.query('begin');
    try {
      const made = await create();
      await client.query(writeMade, [kind, name]);
      if (!this.isSuperuser) await this.#join(client, name, reads || handsOn ? [] : this.#readers);
      await client.query('commit');
      this.#ours.add(`${kind} ${name}`);
      if (reads) this.#readers.push(name);
      return made;
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
  }

  /** CREATE DATABASE takes no transaction: the line comes first, and gets its number when there is one. */
  async #makeDatabase<T>(client: pg.Client, thing: Thing, create: () => Promise<T>): Promise<T> {
    const { kind, name } = thing;
    await assertFree(client, thing);
    await client.query(writeMade, [kind, name]);
    try {
      const made = await create();
      await client.query(numberMade, [name]);
      this.#ours.add(`${kind} ${name}`);
      return made;
    } catch (error) {
      await client.query(forgetMade, [kind, name]).catch(() => undefined);
      throw error;
    }
  }

  /** Who is no superuser drops and reads what belongs to a role as its member. */
  async #join(client: pg.Client, name: string, readers: readonly string[]): Promise<void> {
    const { rows } = await client.query<{ version: number }>(
      "select pg_catalog.current_setting('server_version_num')::int4 as version",
    );
    const options = (rows[0]?.version ?? 0) >= 160_000 ? ' with inherit true, set true' : '';
    const role = pg.escapeIdentifier(name);
    await client.query(`grant ${role} to current_user${options}`);
    for (const reader of readers) {
      await client.query(`grant ${role} to ${pg.escapeIdentifier(reader)}${options}`);
    }
  }

  #assertHeld(): void {
    if (!this.#isClosed && this.#isHeld()) return;
    const message = this.#isClosed
      ? 'The rehearsal is over: nothing more is made on the target.'
      : 'The session that keeps the target for this rehearsal was lost: another one may be at work there now.';
    throw new OperationalError('SERVER_LOST', message);
  }
}

/** @throws OperationalError TARGET_OCCUPIED */
async function assertFree(client: pg.Client, { kind, name }: Thing): Promise<void> {
  const { rowCount } = await client.query(
    kind === 'role'
      ? 'select from pg_catalog.pg_roles where rolname = $1'
      : 'select from pg_catalog.pg_database where datname = $1',
    [name],
  );
  if (rowCount === 0) return;
  const next =
    kind === 'role'
      ? "Use a target without it, or say in the profile that owners do not count (ownership: 'runbook') and name another database.owner: its name is then of no matter."
      : 'Rename or drop it there if nobody needs it, or use another target.';
  const message = `The target has a ${kind} ${name} already. A rehearsal makes what it needs and never touches what was there before, so it was not run. ${next}`;
  throw new OperationalError('TARGET_OCCUPIED', message);
}

/** Whoever finds them after a killed rehearsal. */
export const prepareLedger = `
  create schema if not exists restore_rehearsal;
  revoke all on schema restore_rehearsal from public;
  create table if not exists restore_rehearsal.made (
    kind text not null,
    name text not null,
    number oid,
    at timestamptz not null default pg_catalog.now(),
    primary key (kind, name)
  )`;

const writeMade = `
  insert into restore_rehearsal.made (kind, name, number)
  values ($1::text, $2::text, (select oid from pg_catalog.pg_roles where $1::text = 'role' and rolname = $2::text))
  on conflict (kind, name) do update set number = excluded.number, at = excluded.at`;

const numberMade = `
  update restore_rehearsal.made
  set number = (select oid from pg_catalog.pg_database where datname = $1)
  where kind = 'database'
  and name = $1`;

export const forgetMade = `
  delete from restore_rehearsal.made
  where kind = $1
  and name = $2`;
