import pg from 'pg';
import type { Connection } from './connection.ts';
import { shieldRole } from './shield-role.ts';
import { lentBy, making, withDisposable, type DisposableConnection } from './disposable.ts';

/** Who is to be created: a name and a password of the harness's own making. */
export type Login = Pick<Connection, 'user' | 'password'>;

/**
 * Creates the role that databases are read with. It sees every row, but is no superuser: reading runs code that came
 * with a database (casts, output functions), and that code has the rights of whoever reads.
 */
export async function createReader(admin: DisposableConnection, { user, password }: Login): Promise<void> {
  const reader = pg.escapeIdentifier(user);
  const isSuperuser = lentBy(admin)?.isSuperuser ?? true;
  const create = `create role ${reader} login nosuperuser ${isSuperuser ? 'bypassrls' : ''} password ${pg.escapeLiteral(password)}`;
  await withDisposable(admin, async (client) => {
    await making(admin, client, { kind: 'role', name: user, reads: true }, () => client.query(create));
    // Where nobody may give it more, it reads as a member of those that own something.
    if (isSuperuser) await letRead(client, user);
    await shieldRole(client, user);
  });
}

/** Lets a role read every table of every database that it may log in to. */
export async function letRead(client: pg.Client, role: string): Promise<void> {
  await client.query(`grant pg_read_all_data to ${pg.escapeIdentifier(role)}`);
}
