import type pg from 'pg';
import { OperationalError } from '../system/operational-error.ts';

/** What a role is to do: who the restored database belongs to in the end, and whether that is made first where it is not there. */
export type Wanted = [owner: string, needsSuperuser: boolean, makesOwner?: boolean];

/**
 * Sees to it that a role may do all that is ahead, before anything has been done.
 * @throws OperationalError NOT_PERMITTED, with what is missing
 */
export async function assertPermitted(
  client: pg.Client,
  ...[owner, needsSuperuser, makesOwner = false]: Wanted
): Promise<void> {
  const { rows } = await client.query<Rights>(rightsQuery, [owner]);
  const found = rows[0];
  // Who makes a role sees to it that it can act for it.
  const rights = makesOwner && found?.ownerExists === false ? { ...found, ownerExists: true, isOwner: true } : found;
  if (rights === undefined) throw new Error('The server does not know who is connected.');
  const problem = findMissing(rights, owner, needsSuperuser);
  if (problem !== null) throw new OperationalError('NOT_PERMITTED', problem);
}

/** What is in the way of a switch. */
export interface Obstacle {
  message: string;
  /** Whether it keeps the database from being renamed, however long one waits. Else it is a warning. */
  isFinal: boolean;
}

/** Looks for what would keep a database from being renamed, and for what goes wrong afterwards. */
export async function findObstacles(client: pg.Client, live: string): Promise<Obstacle[]> {
  const { rows } = await client.query<Found>(obstaclesQuery, [live]);
  const { prepared = [], sessions = [], slots = [], subscriptions = [] } = rows[0] ?? {};
  const stay = 'stay with the old database when it is put aside';
  return [
    {
      isFinal: true,
      found: prepared,
      message: `The database ${live} has prepared transactions, which keep it from being renamed: ${prepared.join(', ')}. Connect to it and end each with COMMIT PREPARED or ROLLBACK PREPARED.`,
    },
    {
      isFinal: true,
      found: sessions,
      message: `The role that is logged in may not end these sessions in ${live}, which keep it from being renamed: ${sessions.join(', ')}. End them, or log in as a superuser.`,
    },
    {
      isFinal: false,
      found: slots,
      message: `Logical replication slots ${stay}, and keep WAL on the disk: ${slots.join(', ')}. Their consumers have to start anew from the restored one; drop the slots then.`,
    },
    {
      isFinal: false,
      found: subscriptions,
      message: `Subscriptions ${stay}, and go on writing into it: ${subscriptions.join(', ')}. Disable them there; those of the restored one are not connected.`,
    },
  ].flatMap(({ found, message, isFinal }) => (found.length === 0 ? [] : [{ message, isFinal }]));
}

/**
 * @returns the warnings
 * @throws OperationalError SWITCH_FAILED where something keeps the database from being renamed
 */
export function assertNoneFinal(obstacles: Obstacle[]): string[] {
  const final = obstacles.filter(({ isFinal }) => isFinal).map(({ message }) => message);
  if (final.length > 0) throw new OperationalError('SWITCH_FAILED', `${final.join(' ')} Then start again.`);
  return obstacles.map(({ message }) => message);
}

interface Rights {
  role: string;
  superuser: boolean;
  createDatabase: boolean;
  createRole: boolean;
  letsRead: boolean;
  ownerExists: boolean;
  isOwner: boolean;
}

function findMissing(rights: Rights, owner: string, needsSuperuser: boolean): string | null {
  const { role, superuser, createDatabase, createRole, letsRead, ownerExists, isOwner } = rights;
  if (!ownerExists) {
    return `There is no role ${owner} on the server, to which the restored database is to belong. Create it, or restore the roles: the backup's .globals.sql has them where ownership is preserved, and on an empty server --new makes them.`;
  }
  if (superuser) return null;
  if (needsSuperuser) {
    return `The role ${role} is no superuser, and it takes one to restore what belongs to several roles. Log in as one, or set ownership to "runbook" in the profile.`;
  }
  const missing = [
    ...(createDatabase ? [] : ['may not create databases (ALTER ROLE … CREATEDB)']),
    ...(createRole ? [] : ['may not create the role that restores (ALTER ROLE … CREATEROLE)']),
    ...(letsRead ? [] : ['may not let another read (GRANT pg_read_all_data TO … WITH ADMIN OPTION)']),
    ...(isOwner
      ? []
      : [`is no member of ${owner}, to whom the database belongs, or does not inherit its rights (GRANT … TO)`]),
  ];
  if (missing.length === 0) return null;
  return `The role ${role} ${missing.join(', and ')}. Give it what is missing, or log in as a superuser.`;
}

const rightsQuery = `
  select
    self.rolname::text as role,
    self.rolsuper as superuser,
    self.rolcreatedb as "createDatabase",
    self.rolcreaterole as "createRole",
    -- Before version 16, whoever may create roles makes them members of all that are no superusers.
    pg_catalog.current_setting('server_version_num')::int4 < 160000
      or pg_catalog.pg_has_role(self.oid, 'pg_read_all_data', 'MEMBER WITH ADMIN OPTION') as "letsRead",
    owner.oid is not null as "ownerExists",
    coalesce(pg_catalog.pg_has_role(self.oid, owner.oid, 'USAGE'), false) as "isOwner"
  from pg_catalog.pg_roles as self
  left join pg_catalog.pg_roles as owner on owner.rolname = $1
  where self.rolname = current_user`;

interface Found {
  prepared?: string[];
  sessions?: string[];
  slots?: string[];
  subscriptions?: string[];
}

/** Whose sessions a role may end: see pg_terminate_backend in PostgreSQL's documentation. */
const obstaclesQuery = `
  select
    array(
      select gid::text from pg_catalog.pg_prepared_xacts where database = $1 order by gid
    ) as prepared,
    array(
      select pg_catalog.format('%s (%s)', activity.usename, activity.pid)
      from pg_catalog.pg_stat_activity as activity
      join pg_catalog.pg_roles as owner on owner.oid = activity.usesysid
      join pg_catalog.pg_roles as self on self.rolname = current_user
      where activity.datname = $1
      and not self.rolsuper
      and (
        owner.rolsuper
        or not (
          pg_catalog.pg_has_role(self.oid, owner.oid, 'USAGE')
          or pg_catalog.pg_has_role(self.oid, 'pg_signal_backend', 'USAGE')
        )
      )
      order by activity.pid
    ) as sessions,
    array(
      select slot_name::text from pg_catalog.pg_replication_slots where database = $1 order by slot_name
    ) as slots,
    array(
      select subname::text
      from pg_catalog.pg_subscription as subscription
      join pg_catalog.pg_database as database on database.oid = subscription.subdbid
      where database.datname = $1
      order by subname
    ) as subscriptions`;
