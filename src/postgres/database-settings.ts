import pg from 'pg';

/** Of ALTER DATABASE … SET, and of ALTER ROLE … IN DATABASE … SET where it names a role. */
export interface DatabaseSetting {
  role: string | null;
  name: string;
  /** As pg_db_role_setting holds it. */
  value: string;
}

/**
 * The settings in a snapshot's state, by `name` or `name for role`. Those of the user's own, like app.key, can be secrets:
 * a snapshot holds a hash of their values, and they cannot be made again. Pure.
 */
export function readDatabaseSettings(state: Record<string, string>): DatabaseSetting[] {
  return Object.entries(state).flatMap(([object, value]) => {
    const [, name = '', role] = /^(\w+)(?: for (.*))?$/s.exec(object) ?? [];
    return name === '' ? [] : [{ role: role ?? null, name, value }];
  });
}

/** The statement that gives a database a setting. Pure. */
export function settingStatement(database: string, { role, name, value }: DatabaseSetting): string {
  const target = `database ${pg.escapeIdentifier(database)}`;
  const whose = role === null ? target : `role ${pg.escapeIdentifier(role)} in ${target}`;
  const values = lists.has(name) ? splitList(value) : [value];
  return `alter ${whose} set ${pg.escapeIdentifier(name)} to ${values.map((each) => pg.escapeLiteral(each)).join(', ')}`;
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
