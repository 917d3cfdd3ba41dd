/**
 * What a server, a database or a role may have set for its sessions must not reach one of ours: a statement_timeout would end
 * it, another syntax of strings change what it says, a planner that was told to avoid indexes slow it down. So every session and
 * every tool of ours has these values, which are those that PostgreSQL comes with. This is the one list of them.
 *
 * Not in it is what rows are computed with while they are restored (TimeZone, DateStyle, default_text_search_config, …): that
 * has to be as the server has it. Those who only read set the text of values besides: see snapshot/pinned-settings.ts.
 */
const values: Record<string, string> = {
  // What ends a session or a statement.
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  client_connection_check_interval: '0',
  // What a transaction may do, and as whom.
  default_transaction_read_only: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  role: 'none',
  row_security: 'on',
  // How statements are read.
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  escape_string_warning: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  xmloption: 'content',
  bytea_output: 'hex',
  xmlbinary: 'base64',
  check_function_bodies: 'on',
  // What is told of them, and what is made.
  client_min_messages: 'notice',
  default_tablespace: '',
  temp_tablespaces: '',
  default_table_access_method: 'heap',
  // Libraries of the user.
  local_preload_libraries: '',
  // How queries are planned: slowly, or, for a search in a GIN index with a limit, not wholly.
  gin_fuzzy_search_limit: '0',
  jit: 'off',
  constraint_exclusion: 'partition',
  cursor_tuple_fraction: '0.1',
  ...planner('on', [
    ...['async_append', 'bitmapscan', 'gathermerge', 'hashagg', 'hashjoin', 'incremental_sort', 'indexonlyscan'],
    ...['indexscan', 'material', 'memoize', 'mergejoin', 'nestloop', 'parallel_append', 'parallel_hash'],
    ...['partition_pruning', 'seqscan', 'sort', 'tidscan'],
  ]),
  ...planner('off', ['partitionwise_aggregate', 'partitionwise_join']),
  geqo: 'on',
};

/** Those that came with a version after the oldest that is read. */
const later: { since: number; values: Record<string, string> }[] = [
  { since: 16, values: { createrole_self_grant: '', ...planner('on', ['presorted_aggregate']) } },
  { since: 17, values: { transaction_timeout: '0', ...planner('on', ['group_by_reordering']) } },
  { since: 18, values: planner('on', ['distinct_reordering', 'self_join_elimination']) },
];

/**
 * Those that take a superuser: set in sessions of one, and for the roles that are made on a server of ours. A library that has
 * to be loaded, and is not there, lets nobody in.
 */
export const superuserSettings: Readonly<Record<string, string>> = {
  session_preload_libraries: '',
  session_replication_role: 'origin',
  lc_messages: 'C',
  temp_file_limit: '-1',
  zero_damaged_pages: 'off',
  ignore_checksum_failure: 'off',
  lo_compat_privileges: 'off',
};

const oldestMajor = 14;

/** The settings of a session on a server of this major version, the oldest if it is not known. Pure. */
export function sessionSettings(major = oldestMajor): Record<string, string> {
  const known = later.filter(({ since }) => major >= since).map((each) => each.values);
  return Object.assign({}, values, ...known) as Record<string, string>;
}

/** With them pg_dump writes a moment in the same way, wherever the server is: with its distance from UTC, so it is the same moment. */
export const dumpSettings: Readonly<Record<string, string>> = { timezone: 'UTC' };

/** All of them, with those that came with an update of any version: for a session that asks what its server knows. */
export const everySetting: Readonly<Record<string, string>> = {
  ...sessionSettings(Infinity),
  restrict_nonsystem_relation_kind: '',
};

/** Settings as libpq's `options`, with which a session starts: they stand above those of role, database and server. Pure. */
export function startOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`)
    .join(' ');
}

function planner(value: string, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`enable_${name}`, value]));
}
