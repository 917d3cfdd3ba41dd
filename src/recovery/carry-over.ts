import pg from 'pg';
import type { DatabaseFacts, DatabaseSetting, Grant } from './database-facts.ts';

/**
 * A connection limit that no database has by chance. CREATE DATABASE can set no comment: what has this limit, admits nobody
 * and has no comment was made here, is still empty, and its maker was ended before it could mark it.
 */
export const limitOfUnmarked = 1_715_517;

/** The statement that creates an empty database like another one, which admits nobody yet. Pure. */
export function createStatement(name: string, facts: DatabaseFacts): string {
  const { owner, encoding, locale, tablespace } = facts;
  const provider = providers[locale['datlocprovider'] ?? ''];
  const icuOrBuiltin = locale['datlocale'] ?? locale['daticulocale'] ?? null;
  const options: [string, string | null | undefined][] = [
    ['encoding', encoding],
    ['locale_provider', provider],
    ['lc_collate', locale['datcollate']],
    ['lc_ctype', locale['datctype']],
    [provider === 'builtin' ? 'builtin_locale' : 'icu_locale', icuOrBuiltin],
    ['icu_rules', locale['daticurules']],
  ];
  const given = options.flatMap(([option, value]) => (value ? [`${option} ${pg.escapeLiteral(value)}`] : []));
  return [
    `create database ${pg.escapeIdentifier(name)}`,
    `owner ${pg.escapeIdentifier(owner)}`,
    'template template0',
    ...given,
    ...(tablespace === null ? [] : [`tablespace ${pg.escapeIdentifier(tablespace)}`]),
    `allow_connections false connection limit ${limitOfUnmarked}`,
  ].join(' ');
}

/** pg_database.datlocprovider, from version 15 on. */
const providers: Record<string, string> = { c: 'libc', i: 'icu', b: 'builtin' };

/** The statements that give a database the connection limit, grants and settings of another. Pure. */
export function carryOverStatements(name: string, facts: DatabaseFacts): string[] {
  const database = pg.escapeIdentifier(name);
  return [
    `alter database ${database} connection limit ${facts.connectionLimit}`,
    `revoke all on database ${database} from public, ${pg.escapeIdentifier(facts.owner)}`,
    ...facts.grants.map((grant) => grantStatement(database, grant)),
    ...facts.settings.map((setting) => settingStatement(database, setting)),
  ];
}

/** What should be the same on both sides and is not, in words. Pure. */
export function compareFacts(expected: DatabaseFacts, actual: DatabaseFacts): string[] {
  const sorted = (values: object[]) =>
    JSON.stringify(values.map((value) => JSON.stringify(value, Object.keys(value).toSorted())).toSorted());
  const pairs: [string, unknown, unknown][] = [
    ['owner', expected.owner, actual.owner],
    ['connection limit', expected.connectionLimit, actual.connectionLimit],
    ['tablespace', expected.tablespace, actual.tablespace],
    ['encoding', expected.encoding, actual.encoding],
    ['grants', sorted(expected.grants), sorted(actual.grants)],
    ['settings', sorted(expected.settings), sorted(actual.settings)],
  ];
  return pairs.filter(([, wanted, found]) => wanted !== found).map(([what]) => what);
}

function grantStatement(database: string, { grantee, privilege, grantable }: Grant): string {
  const to = grantee === null ? 'public' : pg.escapeIdentifier(grantee);
  return `grant ${privilege} on database ${database} to ${to}${grantable ? ' with grant option' : ''}`;
}

function settingStatement(database: string, { role, name, value }: DatabaseSetting): string {
  const whose =
    role === null ? `alter database ${database}` : `alter role ${pg.escapeIdentifier(role)} in database ${database}`;
  const values = lists.has(name) ? splitList(value) : [value];
  return `${whose} set ${pg.escapeIdentifier(name)} to ${values.map((each) => pg.escapeLiteral(each)).join(', ')}`;
}

/** Settings that are lists of quoted names (GUC_LIST_QUOTE): as one text they would become a list of one. See pg_dump's dumputils.c. */
const lists = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

/** The elements of such a list: `"$user", public, "a ""b"""`. An empty one is the list of an empty name. */
function splitList(value: string): string[] {
  const elements = [...value.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]+?))\s*(?:,|$)/g)].map(
    ([, quoted, bare = '']) => quoted?.replaceAll('""', '"') ?? bare,
  );
  return elements.length === 0 ? [''] : elements;
}
