import pg from 'pg';
import type { DumpNeeds } from './dump-needs.ts';
import { OperationalError } from '../system/operational-error.ts';
import { withDisposable, type DisposableConnection } from './disposable.ts';

/** An extension that is to be created as a dump has it. */
export interface WantedExtension {
  name: string;
  /** null where nobody says which. */
  schema: string | null;
  /** At the source; null where nobody knows it, and for the default of the server. */
  version: string | null;
}

/** Those of the allowed extensions that a dump has, in the order in which they are allowed: some change settings one after another. Pure. */
export function chooseExtensions(
  allowed: string[],
  { extensions }: Pick<DumpNeeds, 'extensions'>,
  versions: Record<string, string>,
): WantedExtension[] {
  return allowed
    .filter((name) => extensions.has(name))
    .map((name) => ({ name, schema: extensions.get(name) ?? null, version: versions[name] ?? null }));
}

/** Splits a table of contents: the schemas of the dump that extensions are to be in, and all else. Pure. */
export function ownSchemas(contents: string, wanted: WantedExtension[]): { schemas: string; rest: string } {
  const lines = contents.split('\n');
  const isOwn = (line: string) => {
    const entry = /^\d+; \d+ \d+ SCHEMA - (.*)$/.exec(line)?.[1];
    return wanted.some(
      ({ schema }) => schema !== null && (entry === schema || entry?.startsWith(`${schema} `) === true),
    );
  };
  return {
    schemas: lines.filter(isOwn).join('\n'),
    rest: lines.filter((line) => !isOwn(line)).join('\n'),
  };
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

/** Whose extensions are, and who may read and fill their tables. */
export interface ExtensionRoles {
  /** Of schemas that are made for them. */
  owner: string;
  users: string[];
  /** Whether the users may let others, too: a dump with privileges grants some on those tables. See handOver. */
  mayGrant: boolean;
  /** Who creates those of some names that take no superuser, and so owns them; the superuser, if left out. */
  creator?: { role: string; of: ReadonlySet<string> };
}

/**
 * Creates extensions with the superuser, as only it may create those that are not trusted, and lets roles read and fill
 * their tables: a dump holds rows of some, and whoever dumps and restores needs both.
 * @returns the schemas that came with them
 * @throws the server's own error, for example for an extension that is not installed on its machine
 */
export async function createExtensions(
  admin: DisposableConnection,
  wanted: WantedExtension[],
  roles: ExtensionRoles,
): Promise<string[]> {
  if (wanted.length === 0) return [];
  return withDisposable(admin, (client) => createExtensionsIn(client, wanted, roles));
}

/** The same in a session that may create extensions, on whichever server that is. */
export async function createExtensionsIn(
  client: pg.Client,
  wanted: WantedExtension[],
  roles: ExtensionRoles,
): Promise<string[]> {
  const { users, mayGrant } = roles;
  const before = await listSchemas(client);
  for (const each of wanted) await createOrExplain(client, each, wanted, roles);
  const members = await client.query<{ kind: string; name: string }>(extensionMembers);
  const grantees = users.map((each) => pg.escapeIdentifier(each)).join(', ');
  const option = mayGrant ? ' with grant option' : '';
  for (const { kind, name } of users.length === 0 ? [] : members.rows) {
    await client.query(`grant all on ${kind} ${name} to ${grantees}${option}`);
  }
  const own = new Set([...before, ...wanted.map(({ schema }) => schema)]);
  return (await listSchemas(client)).filter((schema) => !own.has(schema));
}

async function createOrExplain(
  client: pg.Client,
  extension: WantedExtension,
  wanted: WantedExtension[],
  roles: ExtensionRoles,
) {
  try {
    await createWithNeeded(client, extension, wanted, roles);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const hint = error.hint === undefined ? '' : ` ${error.hint}`;
    const message = `The extension ${extension.name} could not be created as the dump has it: ${error.message}.${hint}`;
    throw new OperationalError('EXTENSION_NOT_CREATED', message, { cause: error });
  }
}

/** What an extension needs comes first where the dump has it, too: CASCADE would put it into the same schema. */
async function createWithNeeded(
  client: pg.Client,
  { name, schema, version }: WantedExtension,
  wanted: WantedExtension[],
  roles: ExtensionRoles,
): Promise<void> {
  const { rows } = await client.query<AvailableExtension>(availableExtension, [name, version]);
  const [available] = rows;
  if (available?.installed === true) return;
  for (const needed of wanted) {
    if (needed.name !== name && available?.requires?.includes(needed.name) === true) {
      await createWithNeeded(client, needed, wanted, roles);
    }
  }
  const schemas = await listSchemas(client);
  const place = schema ?? (schemas.includes('public') ? 'public' : null);
  if (place !== null && !schemas.includes(place)) {
    await client.query(`create schema ${pg.escapeIdentifier(place)} authorization ${pg.escapeIdentifier(roles.owner)}`);
  }
  // An extension that says itself where it belongs goes there: with CASCADE, another schema is no error.
  const clauses = [
    ...(place === null ? [] : [`schema ${pg.escapeIdentifier(place)}`]),
    ...((available?.version ?? null) === null ? [] : [`version ${pg.escapeLiteral(available?.version ?? '')}`]),
  ];
  const creator = available?.trusted === true && roles.creator?.of.has(name) === true ? roles.creator.role : null;
  if (creator !== null) await client.query(`set role ${pg.escapeIdentifier(creator)}`);
  try {
    await client.query(`create extension if not exists ${pg.escapeIdentifier(name)} ${clauses.join(' ')} cascade`);
  } finally {
    if (creator !== null) await client.query('reset role');
  }
}

interface AvailableExtension {
  installed: boolean;
  requires: string[] | null;
  /** The one that is asked for, where the server has it. */
  version: string | null;
  /** Whether it takes no superuser. */
  trusted: boolean | null;
}

const availableExtension = `
  select
    exists (select from pg_catalog.pg_extension where extname = extension.name) as installed,
    (
      select versions.requires::text[]
      from pg_catalog.pg_available_extension_versions as versions
      where versions.name = extension.name
      and versions.version = coalesce($2, extension.default_version)
    ) as requires,
    (
      select versions.trusted
      from pg_catalog.pg_available_extension_versions as versions
      where versions.name = extension.name
      and versions.version = coalesce($2, extension.default_version)
    ) as trusted,
    (
      select versions.version
      from pg_catalog.pg_available_extension_versions as versions
      where versions.name = extension.name
      and versions.version = $2
    ) as version
  from pg_catalog.pg_available_extensions as extension
  where extension.name = $1`;

/** Versions in a snapshot's state: `1.8 in public`. Pure. */
export function readExtensionVersions(state: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, value.replace(/ in .*$/s, '')]));
}

/**
 * Which rows of tables of extensions pg_dump dumps: those that the extension does not bring itself. By table, as pg_dump names it.
 * @returns WHERE clauses
 */
export async function readDumpConditions(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ table: string; condition: string }>(`
    select pg_catalog.format('%I.%I', namespace.nspname, class.relname) as table, config.condition
    from pg_catalog.pg_extension as extension
    cross join rows from (pg_catalog.unnest(extension.extconfig), pg_catalog.unnest(extension.extcondition))
      as config (oid, condition)
    join pg_catalog.pg_class as class on class.oid = config.oid
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    where config.condition <> ''`);
  return new Map(rows.map(({ table, condition }) => [table, condition]));
}

async function listSchemas(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('select nspname::text as name from pg_catalog.pg_namespace');
  return rows.map(({ name }) => name);
}

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
