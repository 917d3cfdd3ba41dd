import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { openMoment, takeSnapshot, type SnapshotOptions } from '../snapshot/take.ts';
import { withClient, type Connection } from './connection.ts';
import { dumpDatabase } from './dump.ts';
import { createReader } from './reader.ts';
import { everySetting, sessionSettings, startOptions, superuserSettings } from './session-settings.ts';
import type { ToolCall } from './tool.ts';

/** What an owner might have set for a database, for reasons of the application's own. */
const ofTheDatabase: Record<string, string> = {
  ...Object.fromEntries(
    Object.entries(sessionSettings()).map(([name, value]) => [name, value === 'on' ? 'off' : 'on']),
  ),
  statement_timeout: '1ms',
  lock_timeout: '1ms',
  idle_in_transaction_session_timeout: '1ms',
  idle_session_timeout: '1ms',
  client_connection_check_interval: '1ms',
  transaction_timeout: '1ms',
  default_transaction_isolation: 'serializable',
  role: 'pg_monitor',
  backslash_quote: 'off',
  xmloption: 'document',
  bytea_output: 'escape',
  xmlbinary: 'hex',
  client_min_messages: 'error',
  default_tablespace: 'nowhere',
  temp_tablespaces: 'nowhere',
  default_table_access_method: 'nothing',
  local_preload_libraries: 'no_such_library',
  gin_fuzzy_search_limit: '1',
  constraint_exclusion: 'off',
  cursor_tuple_fraction: '1',
  createrole_self_grant: 'set',
  restrict_nonsystem_relation_kind: 'view',
  // Those who read set these besides.
  search_path: 'nowhere',
  client_encoding: 'LATIN1',
  timezone: 'Asia/Kathmandu',
  datestyle: 'German',
  intervalstyle: 'sql_standard',
  extra_float_digits: '-5',
};

/** What only a superuser might. */
const ofTheServer: Record<string, string> = {
  session_preload_libraries: 'no_such_library',
  session_replication_role: 'replica',
  lc_messages: 'POSIX',
  temp_file_limit: '1kB',
  zero_damaged_pages: 'on',
  ignore_checksum_failure: 'on',
  lo_compat_privileges: 'on',
};

test('libpq takes settings as options, with what it splits at escaped', () => {
  expect(startOptions({ search_path: '', default_transaction_isolation: 'read committed', a: '\\' })).toBe(
    '-c search_path= -c default_transaction_isolation=read\\ committed -c a=\\\\',
  );
});

describeEitherEngine('a database whose settings are meant for its application', (engine) => {
  const server = useServer(engine);
  let owner: Connection;
  let reader: Connection;
  /** By name: in a session of ours, and in one of a tool. */
  let inSession: Map<string, string>;
  let inTool: Map<string, string>;

  beforeAll(async () => {
    owner = await createTestDatabase(server());
    reader = { ...owner, user: 'settings reader', password: 'pw' };
    await createReader(server().admin, reader);
    await withClient(owner, (client) => client.query(contents));
    await withClient(server().admin, async (client) => {
      await client.query(`grant pg_monitor to ${pg.escapeIdentifier(owner.user)}`);
      await set(client, owner.database, ofTheDatabase);
    });
    inSession = await withClient(owner, (client) => readAll(client));
    inTool = await askTool(owner);
  });

  /** One session answers to all: of the settings that this version has. */
  async function askTool(as: Connection): Promise<Map<string, string>> {
    const { stdout, stderr } = await server().runTool({
      ...psql,
      ...as,
      args: ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', `--command=${current}`],
    });
    expect(stderr).not.toMatch(/ERROR|FATAL/);
    return new Map(stdout.split('\n').map((line) => line.split('|', 2) as [string, string]));
  }

  test.for(Object.entries(everySetting))('%s is %s in a session and in a tool', ([name, value], { skip }) => {
    if (!inSession.has(name)) skip(`not in PostgreSQL ${server().serverVersion}`);
    expect(inSession.get(name)).toBe(value);
    // What came with an update of a version is not known when a tool starts: pg_dump sets it itself.
    if (name !== 'restrict_nonsystem_relation_kind') expect(inTool.get(name)).toBe(value);
  });

  test('another value for each of them is tried', () => {
    expect(Object.keys(everySetting).filter((name) => ofTheDatabase[name] === everySetting[name])).toEqual([]);
    expect(Object.keys(superuserSettings)).toEqual(Object.keys(ofTheServer));
  });

  test('it is read and dumped as if it had none', async () => {
    const options: SnapshotOptions = { runner: server(), ownership: 'preserve', timeoutMs: 30_000 };
    const { state: withSettings, ...read } = await takeSnapshot(reader, options);
    const dump = await dumpOf(owner, options);
    await withClient(server().admin, (client) =>
      client.query(`alter database ${pg.escapeIdentifier(owner.database)} reset all`),
    );
    const { state, ...plain } = await takeSnapshot(reader, options);
    expect(read).toEqual(plain);
    expect({ ...withSettings, DATABASE_SETTING: {} }).toEqual({ ...state, DATABASE_SETTING: {} });
    expect(dump).toBe(await dumpOf(owner, options));
  });

  /** As SQL: an archive holds its time. */
  async function dumpOf(connection: Connection, options: SnapshotOptions): Promise<string> {
    const file = join(await makeWorkspace(), 'settings.dump');
    await using moment = await openMoment(reader, options);
    const { stderr, head } = await dumpDatabase(server(), connection, moment.id, file, options, {
      encoding: moment.encoding,
      selection: ['--format=plain'],
    });
    expect(stderr).not.toMatch(/error|ERROR|FATAL/);
    return head.toString().replace(/\\(?:un)?restrict .*/g, '');
  }

  describe('by a superuser', () => {
    beforeAll(() => withClient(server().admin, (client) => set(client, owner.database, ofTheServer)));

    test.for(Object.keys(ofTheServer))('%s reaches neither who reads nor who administers', async (name) => {
      for (const { user, password } of [reader, server().admin]) {
        const as = { ...owner, user, password };
        const value = name === 'temp_file_limit' ? '-1' : superuserSettings[name];
        // That of libraries is not shown to everybody; with one that is not there, no session would start.
        expect((await withClient(as, (client) => readAll(client))).get(name) ?? '').toBe(value);
        expect((await askTool(as)).get(name) ?? '').toBe(value);
      }
    });

    test('and pg_amcheck works in it', async () => {
      const { admin } = server();
      const { database } = owner;
      const args = ['--install-missing', '--heapallindexed'];
      const call: ToolCall = { ...admin, tool: 'pg_amcheck', args, database, timeoutMs: 30_000 };
      expect(await server().runTool(call)).toMatchObject({ exitCode: 0, stdout: '' });
    });
  });
});

const contents = `
  create table public.notes (
    id int primary key,
    path text default E'C:\\\\temp',
    at timestamptz default '2026-01-02 03:04:05+00',
    amount float8,
    lasts interval default '1 day 2 hours',
    bytes bytea default '\\x00ff'
  );
  insert into public.notes (id, path, amount) select n, 'Ж\\' || n, n / 3.0 from generate_series(1, 2000) as n;
  create index on public.notes (path, at);
  create view public.recent as select * from public.notes where at > '2026-01-02 03:04:05+00' and path <> E'\\\\'`;

const psql: Pick<ToolCall, 'tool' | 'timeoutMs'> = { tool: 'psql', timeoutMs: 30_000 };

const current = `
  select name, setting from pg_catalog.pg_settings
  union all
  select 'role', pg_catalog.current_setting('role')`;

async function readAll(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; setting: string }>(current);
  return new Map(rows.map(({ name, setting }) => [name, setting]));
}

/** Settings that name what is not there are taken with a notice; those that this version does not know are left out. */
async function set(client: pg.Client, database: string, settings: Record<string, string>): Promise<void> {
  const known = await readAll(client);
  for (const [name, value] of Object.entries(settings)) {
    if (!known.has(name)) continue;
    const statement = `alter database ${pg.escapeIdentifier(database)} set ${name} to ${pg.escapeLiteral(value)}`;
    await client.query(statement);
  }
}
