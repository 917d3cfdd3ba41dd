import type pg from 'pg';
import type { Manifest } from '../backup/manifest.ts';
import type { LocaleProperties } from '../postgres/database-locale.ts';
import { readDatabaseSettings, type DatabaseSetting } from '../postgres/database-settings.ts';

/** A right on a database, whoever granted it. */
export interface Grant {
  /** null is PUBLIC. */
  grantee: string | null;
  privilege: string;
  grantable: boolean;
}

/** What a provider, like sepgsql, says of a database. */
export interface SecurityLabel {
  provider: string;
  label: string;
}

/** What belongs to a database and is in no dump of it. */
export interface DatabaseFacts {
  owner: string;
  comment: string | null;
  connectionLimit: number;
  /** False for one that is closed: it lets nobody in. */
  allowConnections: boolean;
  /** Whether it may be copied by whoever may create databases, and not be dropped. */
  isTemplate: boolean;
  /** null is the usual one, which may be used without a right to it. */
  tablespace: string | null;
  encoding: string;
  locale: LocaleProperties;
  grants: Grant[];
  settings: DatabaseSetting[];
  securityLabels: SecurityLabel[];
}

/** Reads what belongs to a database; null where there is none of that name. */
export async function readFacts(client: pg.Client, name: string): Promise<(DatabaseFacts & { oid: string }) | null> {
  const { rows } = await client.query<DatabaseFacts & { oid: string }>(factsQuery, [name]);
  return rows[0] ?? null;
}

/**
 * What a manifest says of the database that was backed up, for one that is gone. Settings of the user's own, like app.key,
 * are in no manifest.
 * @param encoding the name of what the manifest has the number of
 */
export function factsOfManifest(manifest: Manifest | null, owner: string, encoding: string): DatabaseFacts {
  const { DATABASE: database = {}, DATABASE_SETTING: settings = {} } = manifest?.snapshot.state ?? {};
  return {
    owner,
    comment: database['comment'] || null,
    connectionLimit: Number(database['datconnlimit'] ?? -1),
    allowConnections: true,
    isTemplate: false,
    tablespace: null,
    encoding,
    locale: database,
    grants: [
      { grantee: null, privilege: 'CONNECT', grantable: false },
      { grantee: null, privilege: 'TEMPORARY', grantable: false },
      ...['CREATE', 'CONNECT', 'TEMPORARY'].map((privilege) => ({ grantee: owner, privilege, grantable: false })),
    ],
    settings: readDatabaseSettings(settings),
    securityLabels: [],
  };
}

const factsQuery = `
  select
    database.oid::text as oid,
    pg_catalog.pg_get_userbyid(database.datdba)::text as owner,
    pg_catalog.shobj_description(database.oid, 'pg_database') as comment,
    database.datconnlimit as "connectionLimit",
    database.datallowconn as "allowConnections",
    database.datistemplate as "isTemplate",
    (
      select spcname::text
      from pg_catalog.pg_tablespace as tablespace
      where tablespace.oid = database.dattablespace
      and tablespace.oid <> (select dattablespace from pg_catalog.pg_database where datname = 'template0')
    ) as tablespace,
    pg_catalog.pg_encoding_to_char(database.encoding)::text as encoding,
    pg_catalog.to_jsonb(database) as locale,
    coalesce((
      select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
        'grantee', role.rolname, 'privilege', entry.privilege_type, 'grantable', entry.grantable
      ))
      from (
        -- Several roles may have granted the same.
        select grantee, privilege_type, pg_catalog.bool_or(is_grantable) as grantable
        from pg_catalog.aclexplode(coalesce(database.datacl, pg_catalog.acldefault('d', database.datdba)))
        group by grantee, privilege_type
      ) as entry
      left join pg_catalog.pg_roles as role on role.oid = entry.grantee
    ), '[]') as grants,
    coalesce((
      select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
        'role', role.rolname,
        'name', pg_catalog.split_part(setting, '=', 1),
        'value', pg_catalog.substr(setting, pg_catalog.strpos(setting, '=') + 1)
      ))
      from pg_catalog.pg_db_role_setting as settings
      left join pg_catalog.pg_roles as role on role.oid = settings.setrole
      cross join pg_catalog.unnest(settings.setconfig) as setting
      where settings.setdatabase = database.oid
    ), '[]') as settings,
    coalesce((
      select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('provider', provider, 'label', label))
      from pg_catalog.pg_shseclabel
      where classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
      and objoid = database.oid
    ), '[]') as "securityLabels"
  from pg_catalog.pg_database as database
  where database.datname = $1`;
