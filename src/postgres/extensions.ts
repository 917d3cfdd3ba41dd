import pg from 'pg';
import { withDisposable, type DisposableConnection } from './disposable.ts';

/** The extensions in a table of contents as `pg_restore --list` writes it: `3; 3079 16390 EXTENSION - hstore`. Pure. */
export function listExtensions(contents: string): string[] {
  return contents.split('\n').flatMap((line) => /^\d+; \d+ \d+ EXTENSION - (.*?) *$/.exec(line)?.[1] ?? []);
}

/**
 * Takes what a superuser has created already out of a table of contents: extensions, the schemas that came with them,
 * and what only their owner may do (comments, privileges). Pure.
 */
export function withoutPrepared(contents: string, extensions: string[], schemas: string[]): string {
  const prepared = [
    ...extensions.map((name) => `EXTENSION - ${name}`),
    // A comment names its object as SQL does, quoted where it has to be.
    ...extensions.flatMap((name) => [
      `COMMENT - EXTENSION ${name}`,
      `COMMENT - EXTENSION ${pg.escapeIdentifier(name)}`,
    ]),
    ...schemas.flatMap((name) => [
      `SCHEMA - ${name}`,
      ...schemaExtras(name),
      ...schemaExtras(pg.escapeIdentifier(name)),
    ]),
  ];
  // The owner stands behind the name; extensions and their comments have none.
  const isPrepared = (line: string) => {
    const entry = /^\d+; \d+ \d+ (.*)$/.exec(line)?.[1];
    return entry !== undefined && prepared.some((start) => entry === start || entry.startsWith(`${start} `));
  };
  return contents
    .split('\n')
    .filter((line) => !isPrepared(line))
    .join('\n');
}

function schemaExtras(name: string): string[] {
  return [`COMMENT - SCHEMA ${name}`, `ACL - SCHEMA ${name}`];
}

/**
 * Creates extensions with the superuser, as only it may create those that are not trusted, and lets a role read and fill
 * their tables: a dump holds rows of some, and whoever dumps and restores needs both.
 * @returns the schemas there are now besides public
 * @throws the server's own error, for example for an extension that is not installed on its machine
 */
export async function createExtensions(admin: DisposableConnection, names: string[], role: string): Promise<string[]> {
  if (names.length === 0) return [];
  return withDisposable(admin, (client) => createExtensionsIn(client, names, [role]));
}

/** The same in a session that may create extensions, on whichever server that is. */
export async function createExtensionsIn(client: pg.Client, names: string[], roles: string[]): Promise<string[]> {
  const { rows } = await client.query<{ extname: string }>('select extname from pg_catalog.pg_extension');
  const missing = names.filter((name) => !rows.some(({ extname }) => extname === name));
  for (const name of missing) {
    // An extension that says itself where it belongs goes there: with CASCADE, another schema is no error.
    await client.query(`create extension if not exists ${pg.escapeIdentifier(name)} schema public cascade`);
  }
  const members = await client.query<{ kind: string; name: string }>(extensionMembers);
  const grantees = roles.map((role) => pg.escapeIdentifier(role)).join(', ');
  for (const { kind, name } of members.rows) await client.query(`grant all on ${kind} ${name} to ${grantees}`);
  const schemas = await client.query<{ name: string }>(otherSchemas);
  return schemas.rows.map(({ name }) => name);
}

/** In a database that is empty otherwise, every schema but its own came with an extension, member of it or not. */
const otherSchemas = `
  select nspname as name
  from pg_catalog.pg_namespace
  where nspname !~ '^pg_'
  and nspname not in ('information_schema', 'public')`;

/** Tables, sequences and schemas that belong to extensions, and the schemas that those are in. */
const extensionMembers = `
  with members as (
    select objid, classid
    from pg_catalog.pg_depend
    where deptype = 'e'
    and refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
  ), relations as (
    select class.relkind, class.relname, namespace.oid as namespace, namespace.nspname
    from members
    join pg_catalog.pg_class as class on class.oid = members.objid
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    where members.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  )
  select
    case relkind when 'S' then 'sequence' else 'table' end as kind,
    pg_catalog.format('%I.%I', nspname, relname) as name
  from relations
  union
  select 'schema', pg_catalog.quote_ident(nspname)
  from pg_catalog.pg_namespace
  where nspname not in ('pg_catalog', 'public')
  and oid in (
    select namespace from relations
    union
    select objid from members where classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
  )`;
