import type pg from 'pg';

/** Something that all databases of a server share. */
export interface Thing {
  kind: 'database' | 'role';
  name: string;
  /** Of a role: whether it has to read what the others own. */
  reads?: boolean;
  /** Of a role: whether what it owns is read by nobody, for it hands it on. */
  handsOn?: boolean;
}

/** A server that somebody else provides: of it, only what this rehearsal has made may be changed. See src/target/. */
export interface LentServer {
  /** Where sessions are that administer. */
  readonly adminDatabase: string;
  readonly isSuperuser: boolean;
  isOurs(kind: Thing['kind'], name: string): boolean;
  /** @throws OperationalError NOT_DISPOSABLE for a database that was not made by this rehearsal; SERVER_LOST */
  assertOurs(database: string): void;
  /** @throws OperationalError TARGET_OCCUPIED where there is one of that name, and what `create` throws */
  make<T>(client: pg.Client, thing: Thing, create: () => Promise<T>): Promise<T>;
  /** To be called when it was dropped. */
  forget(client: pg.Client, thing: Thing): Promise<void>;
}
