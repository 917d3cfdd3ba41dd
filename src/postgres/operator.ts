import pg from 'pg';
import { OperationalError } from '../system/operational-error.ts';
import { lentBy, making, withDisposable, type DisposableConnection } from './disposable.ts';
import { handOver } from './hand-over.ts';
import type { LentServer } from './lent-server.ts';
import type { Login } from './reader.ts';
import { shieldRole } from './shield-role.ts';

/** A role that restores with owners and privileges, until it is disposed of. */
export interface Operator extends AsyncDisposable {
  readonly connection: DisposableConnection;
}

/**
 * Creates a role that can give objects to every ordinary role, and so restores a dump with its owners without being a
 * superuser: an archive is code. Roles through which it would come to rights over the server are not among its own.
 * @param owner the database that is restored into, with the role that it belongs to
 * @param owns whether something in the dump belongs to a role: where that has rights over the server, as POSTGRES_USER of the
 *   official image has, it has none of them until all is restored
 */
export async function createOperator(
  admin: DisposableConnection,
  owner: DisposableConnection,
  login: Login,
  owns: (role: string) => boolean = () => false,
): Promise<Operator> {
  const operator = pg.escapeIdentifier(login.user);
  const { roles, mighty } = await withDisposable(admin, async (client) => {
    const isOwner = (role: string) => role === owner.user || owns(role);
    const lent = lentBy(admin);
    if (lent !== null) await assertNoForeignOwner(client, lent, isOwner);
    const demoted = lent === null ? await demote(client, isOwner) : [];
    const others = (await listOrdinaryRoles(client)).filter((role) => lent === null || lent.isOurs('role', role));
    const create = `create role ${operator} login nosuperuser password ${pg.escapeLiteral(login.password)}`;
    await making(admin, client, { kind: 'role', name: login.user, handsOn: true }, () => client.query(create));
    await shieldRole(client, login.user);
    await actFor(client, login.user, others, { name: owner.database, owner: owner.user });
    return { roles: others, mighty: demoted };
  });
  return {
    connection: { ...owner, ...login },
    async [Symbol.asyncDispose]() {
      // What a dump gives to nobody, like an extension, belongs to whoever restores.
      await withDisposable({ ...admin, database: owner.database }, (client) =>
        handOver(client, login.user, owner.user),
      );
      await withDisposable(admin, async (client) => {
        await stopActing(client, roles, { name: owner.database, owner: owner.user });
        await client.query(`drop role ${operator}`);
        await lentBy(admin)?.forget(client, { kind: 'role', name: login.user });
        await promote(client, mighty);
      });
    },
  };
}

/**
 * Roles that were on a server of somebody else stay as they are: nobody is made a member of them, to give them objects.
 * @throws OperationalError TARGET_OCCUPIED
 */
async function assertNoForeignOwner(
  client: pg.Client,
  lent: LentServer,
  isOwner: (role: string) => boolean,
): Promise<void> {
  const { rows } = await client.query<{ name: string }>('select rolname::text as name from pg_catalog.pg_roles');
  const foreign = rows.find(({ name }) => isOwner(name) && !lent.isOurs('role', name));
  if (foreign === undefined) return;
  const message = `The dump gives objects to the role ${foreign.name}, which was on the target before: it is neither changed nor given anything. Use a target without such a role, or leave owners out: ownership: 'runbook' in the profile.`;
  throw new OperationalError('TARGET_OCCUPIED', message);
}

/** A role with rights over the server, and those rights as ALTER ROLE writes them. */
interface MightyRole {
  name: string;
  rights: string;
  /** Roles that it was made a member of meanwhile. */
  joined?: string[];
}

/** Takes their rights over the server from roles for a while. Not from the server's first superuser, who cannot be without. */
async function demote(client: pg.Client, isOwner: (role: string) => boolean): Promise<MightyRole[]> {
  const { rows } = await client.query<MightyRole>(mightyRoles);
  const owners = rows.filter(({ name }) => isOwner(name));
  for (const { name } of owners) {
    await client.query(`alter role ${pg.escapeIdentifier(name)} nosuperuser nocreaterole noreplication`);
  }
  for (const role of owners) {
    // It passed over what others may do in their schemas; as their member, it still may.
    const { rows: others } = await client.query<{ name: string }>(joinable, [role.name]);
    role.joined = others.map(({ name }) => name);
    for (const other of role.joined)
      await client.query(`grant ${pg.escapeIdentifier(other)} to ${pg.escapeIdentifier(role.name)}`);
  }
  return owners;
}

async function promote(client: pg.Client, roles: MightyRole[]): Promise<void> {
  for (const { name, rights, joined = [] } of roles) {
    const role = pg.escapeIdentifier(name);
    for (const other of joined) await client.query(`revoke ${pg.escapeIdentifier(other)} from ${role}`);
    await client.query(`alter role ${role} ${rights}`);
  }
}

/** Ordinary roles that a role is not a member of, and that are none of its own. */
const joinable = `
  select rolname::text as name
  from pg_catalog.pg_roles
  where not (rolsuper or rolcreaterole or rolreplication)
  and rolname !~ '^(pg_|restore_rehearsal_)'
  and rolname <> $1
  and not pg_catalog.pg_has_role($1, oid, 'member')
  and not pg_catalog.pg_has_role(rolname, $1, 'member')`;

const mightyRoles = `
  select
    rolname::text as name,
    pg_catalog.concat_ws(
      ' ',
      case when rolsuper then 'superuser' end,
      case when rolcreaterole then 'createrole' end,
      case when rolreplication then 'replication' end
    ) as rights
  from pg_catalog.pg_roles
  where (rolsuper or rolcreaterole or rolreplication)
  and oid <> 10`;

interface OwnedDatabase {
  name: string;
  owner: string;
}

/** Lets a role give objects in a database to others, as their member. */
export async function actFor(client: pg.Client, role: string, others: string[], database: OwnedDatabase) {
  const { rows } = await client.query<{ version: number }>(
    "select pg_catalog.current_setting('server_version_num')::int4 as version",
  );
  const options = (rows[0]?.version ?? 0) >= 160_000 ? ' with inherit true, set true' : '';
  for (const other of others) {
    await client.query(`grant ${pg.escapeIdentifier(other)} to ${pg.escapeIdentifier(role)}${options}`);
  }
  // Whoever is given a schema or a publication needs this right on the database.
  await onDatabase(client, others, database, (names) => `grant create on database ${names} to`);
}

/** Takes from the others what `actFor` has given to them. */
export async function stopActing(client: pg.Client, others: string[], database: OwnedDatabase): Promise<void> {
  await onDatabase(client, others, database, (names) => `revoke create on database ${names} from`);
}

async function onDatabase(
  client: pg.Client,
  roles: string[],
  { name, owner }: OwnedDatabase,
  statement: (database: string) => string,
): Promise<void> {
  const names = roles.filter((role) => role !== owner).map((role) => pg.escapeIdentifier(role));
  if (names.length > 0) await client.query(`${statement(pg.escapeIdentifier(name))} ${names.join(', ')}`);
}

/** Roles that come to no rights over the server, and neither does their member. */
export async function listOrdinaryRoles(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(ordinaryRoles);
  return rows.map(({ name }) => name);
}

/**
 * Every role but superusers, those that may create roles or replicate, the system's, and the members of any of these:
 * with pg_execute_server_program a role runs programs, and before version 16 CREATEROLE is enough to become its member.
 */
const ordinaryRoles = `
  with recursive mighty (oid) as (
    select oid
    from pg_catalog.pg_roles
    where rolsuper or rolcreaterole or rolreplication or rolname ~ '^pg_'
    union
    select membership.member
    from pg_catalog.pg_auth_members as membership
    join mighty on mighty.oid = membership.roleid
  )
  select rolname::text as name
  from pg_catalog.pg_roles
  where oid not in (select oid from mighty)`;
