import { withoutRows } from '../system/without-rows.ts';
import { noNeeds } from './dump-needs.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { marker } from '../../fixtures/hostile/attacks.ts';
import { asDump } from '../../fixtures/testing/dumps.ts';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { createDatabase } from './database.ts';
import type { DumpFile } from './archive-input.ts';
import type { DumpedContents } from './plain-dump-contents.ts';
import { scanPlainDump } from './plain-dump.ts';
import { restorePlain } from './restore-plain.ts';
import { classifyRestoreErrors } from './restore-errors.ts';
import type { DisposableTools } from './disposable.ts';

const noContents: DumpedContents = {
  tables: new Map(),
  timestamps: [],
  rowSecurity: null,
  encoding: null,
  sequences: new Map(),
  largeObjects: { count: 0, hash: '' },
  hasRequiredColumn: true,
  entries: new Map(),
  owners: new Set(),
  owned: new Map(),
  databaseOwner: null,
  definitions: [],
};
const limits = { timeoutMs: 60_000 };

describeEitherEngine('a plain SQL dump', (engine) => {
  const server = useServer(engine);

  test('comes back with all that looks like a command of psql', async () => {
    const source = await createTestDatabase(server());
    const text = "\\! id\n\\.\n'$$";
    await withClient(source, (client) =>
      client.query(`
        create table notes ("\\! id" text default E'\\\\! id', "a ""b"" ;(" text);
        insert into notes values ('${text.replaceAll("'", "''")}', E'\\\\.'), ('\\.', null);
        create function body() returns text language sql as $f$ select '\\! id' /* \\! id */ -- \\! id
        $f$;
        comment on table notes is '\\! id
        \\connect nowhere';`),
    );
    const target = { ...source, database: `${source.database} restored` };
    await createDatabase(server().admin, target);
    const file = await dumpPlain(source);
    const dump = await scanPlainDump(file);
    expect(dump).toMatchObject({ metaCommands: [] });
    expect(dump.neverRun).toHaveLength(2);
    expect(await restorePlain(server(), target, file, dump, limits)).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: '',
      restricted: true,
    });
    const read = (connection: typeof source) =>
      withClient(connection, async (client) => (await client.query('select * from notes order by 1')).rows as unknown);
    expect(await read(target)).toEqual(await read(source));
  });

  describe('that hides a command from our reading', () => {
    test.each([['\\!'], ['\\copy (select 1) to program'], ['\\o |'], ['select 1 \\g |']])(
      'is stopped by psql itself: %s',
      async (command) => {
        const file = await write(`select 1;\n${command} 'touch ${marker}'\n`);
        const target = await createTestDatabase(server());
        const nothingFound = {
          metaCommands: [],
          neverRun: [],
          ownership: [],
          needs: noNeeds(),
          prepared: [],
          ambiguousLine: null,
          disorder: null,
          cut: null,
          contents: noContents,
        };
        const result = await restorePlain(server(), target, file, nothingFound, limits);
        expect(result).toMatchObject({ exitCode: 3, restricted: true });
        expect(result.stderr).toContain('psql:<stdin>:2: error: backslash commands are restricted');
        expect(classifyRestoreErrors(result.stderr)).toMatchObject([{ rule: 'RESTORE_FAILED' }]);
      },
    );
  });

  test('that an old psql might read in another way is not given to it', async () => {
    const target = await createTestDatabase(server());
    const old: DisposableTools = {
      admin: server().admin,
      runTool: (call) =>
        server().runTool({ ...call, args: call.args.map((arg) => arg.replace('\\restrict', '\\rest')) }),
    };
    const clear = await write('create table clear ();\n');
    expect(await restorePlain(old, target, clear, await scanPlainDump(clear), limits)).toMatchObject({
      exitCode: 0,
      restricted: false,
    });
    const unclear = await write("select 'C:\\';\n");
    const dump = await scanPlainDump(unclear);
    await expect(restorePlain(old, target, unclear, dump, limits)).rejects.toMatchObject({ code: 'TOOL_TOO_OLD' });
    expect(await restorePlain(server(), target, unclear, dump, limits)).toMatchObject({ exitCode: 0 });
  });

  test('that fails is named as with pg_restore, with its line and without its rows', async () => {
    const target = await createTestDatabase(server());
    const sql = 'create table t (id int primary key);\nCOPY t (id) FROM stdin;\n1\n1\n\\.\n';
    const file = await write(sql);
    const { exitCode, stderr } = await restorePlain(server(), target, file, await scanPlainDump(file), limits);
    expect(exitCode).toBe(3);
    expect(classifyRestoreErrors(stderr)).toMatchObject([{ rule: 'UNIQUENESS_VIOLATED', object: 't_pkey' }]);
    expect(withoutRows(stderr)).not.toContain('(1)');
  });

  async function write(sql: string): Promise<DumpFile> {
    return asDump(join(await makeWorkspace({ 'dump.sql': sql }), 'dump.sql'));
  }

  async function dumpPlain(source: Awaited<ReturnType<typeof createTestDatabase>>): Promise<DumpFile> {
    const file = join(await makeWorkspace(), 'dump.sql');
    const { stdout } = await server().runTool({ tool: 'pg_dump', args: [], ...source, ...limits });
    await writeFile(file, stdout);
    return asDump(file);
  }
});
