import { execa } from 'execa';
import { readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { backupSteps, rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import type { RehearsedSteps } from '../../fixtures/testing/rehearse-steps.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { takeBackup, type BackupOptions } from '../backup/take-backup.ts';
import { readEnvironment } from '../system/environment.ts';
import { databaseUrl } from '../postgres/connection.ts';
import { dropDatabase } from '../postgres/database.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import type { Profile } from '../config/profile.ts';
import type { SourceServer } from '../source/source-server.ts';
import { openUrl } from '../source/url-source.ts';
import type { ServedDatabase } from './served-database.ts';

const schema = `
  create table users (id serial primary key, name text, created_at timestamptz not null default now());
  insert into users (name) values ('Ünal'), ('it''s'), (null);
  create table "Odd ""s" (id int);
  create schema crm;
  create table crm.clients (id int) partition by range (id);
  create table crm.clients_1 partition of crm.clients for values from (0) to (10);
  insert into crm.clients values (1), (2);
  select lo_from_bytea(0, 'large')`;

const settings = `
  comment on database source is 'it''s the source';
  alter database source set work_mem to '5MB';
  alter database source set search_path to "$user", crm, public;
  alter role owner in database source set statement_timeout to '1min';
  alter database source set app.secret to 'hidden';
  alter database source set default_transaction_read_only to on`;

describe.skipIf(inject('skipped').local !== null)('where dumps can be made', () => {
  describeEitherEngine('a backup that is restored', (engine) => {
    const source = useServer('local');
    const server = useServer(engine);
    let made: ServedDatabase;
    let original: ServedDatabase;
    let live: SourceServer;

    beforeAll(async () => {
      made = await serveDrill(source(), {});
      await withClient(made.asOwner, (client) => client.query(schema));
      await withClient(source().admin, (client) => client.query(settings));
      original = await serveDrill(server(), {});
      // The server that is restored to has no database of the profile's.
      await dropDatabase(server().admin, 'source');
      const owner = { ...made.asOwner, ...(await source().openPort()) };
      live = await openUrl(databaseUrl(owner), readEnvironment(), original.drill.run.directory);
    });
    afterAll(async () => {
      for (const { drill } of [made, original]) await drill.run.dispose();
    });

    const rehearse = (backup: string, changes?: Partial<Profile>) => rehearseBackup(original, backup, changes);

    /** A dump that somebody else took: no manifest, no checksum. */
    async function dump(name: string, ...args: string[]): Promise<string> {
      const file = join(await makeWorkspace(), name);
      const call = {
        tool: 'pg_dump' as const,
        args: [...args, `--file=${file}`],
        ...live.connection,
        timeoutMs: 30_000,
      };
      expect(await live.runTool(call)).toMatchObject({ exitCode: 0 });
      return file;
    }

    async function backUp(changes: Partial<BackupOptions> = {}) {
      const { set, manifest } = await takeBackup(live, {
        directory: await makeWorkspace(),
        ownership: 'runbook',
        format: 'custom',
        compression: undefined,
        limits: { timeoutMs: 30_000 },
        ...changes,
      });
      return { set, manifest };
    }

    /** Definitions print otherwise in another major version: nothing else may differ. */
    const expectEqual = ({ metas, rules }: RehearsedSteps) => {
      expect(metas.at(-1)).toMatchObject({ status: 'passed', error: null });
      expect(metas).toHaveLength(backupSteps);
      const isOfServer = (rule: string) => /\(warning\)$/.test(rule);
      expect(rules.filter((rule) => !isOfServer(rule))).toEqual([]);
      if (engine === 'local') expect(rules).toEqual(['DATABASE_SETTING_MISSING (warning)']);
    };

    test.each([
      ['custom', '-Fc'],
      ['directory', '-Fd'],
      ['tar', '-Ft'],
      ['plain', '-Fp'],
    ])('without a manifest, in the format %s, holds as many rows as its dump', async (format, option) => {
      const rehearsed = await rehearse(await dump('source.file', option));
      expect(rehearsed.metas).toEqual(rehearsed.metas.map((meta) => ({ ...meta, status: 'passed', error: null })));
      expect(rehearsed.rules).toEqual([]);
      expect(rehearsed.contribution('choose').facts).toMatchObject({
        format,
        takenAtBy: expect.stringMatching(format === 'plain' ? /file/ : /archive/) as string,
      });
      expect(rehearsed.contribution('examine').subject).toMatchObject({ format, dumpVersion: live.dumpVersion });
      expect(rehearsed.contribution('compare').counts).toEqual({
        users: { before: 3, after: 3, note: null },
        '"Odd ""s"': { before: 0, after: 0, note: null },
        'crm.clients': { before: null, after: 2, note: 'counted in its partitions' },
        'crm.clients_1': { before: 2, after: 2, note: null },
      });
      expect(rehearsed.contribution('compare').coverage?.notChecked).toHaveLength(2);
    });

    test.each([
      ['gzip', '-Fp'],
      ['zstd', '-Fp'],
      ['gzip', '-Fc'],
    ])(
      'compressed with %s as a whole (%s), is decompressed; cut or changed, it is found out',
      async (program, option) => {
        const file = await dump('source.file', option);
        await execa(program, ['-q', file, ...(program === 'zstd' ? ['--rm', '--check'] : [])]);
        const compressed = `${file}.${program === 'gzip' ? 'gz' : 'zst'}`;
        expect((await rehearse(compressed)).rules).toEqual([]);
        const bytes = await readFile(compressed);
        await writeFile(compressed, bytes.subarray(0, -20));
        expect((await rehearse(compressed)).rules).toEqual(['ARCHIVE_TRUNCATED']);
        const middle = Math.floor(bytes.length / 2);
        await writeFile(compressed, bytes.fill(0xa5, middle, middle + 40));
        expect((await rehearse(compressed)).rules).toEqual(['ARCHIVE_CORRUPT']);
      },
    );

    test.each(['-Fc', '-Fp'])('that raises an error with a secret in it does not show it (%s)', async (option) => {
      const secret = original.drill.logins.ownerPassword;
      const write = (sql: string) =>
        withClient(made.asOwner, async (client) => {
          await client.query('set default_transaction_read_only to off');
          await client.query(sql);
        });
      await write(`create function public.spill() returns int immutable language plpgsql as
        'begin if current_database() <> ''source'' then raise exception ''${secret}''; end if; return 1; end';
        create table public.spilled (id int check (public.spill() = 1)); insert into public.spilled values (1)`);
      const file = await dump('source.file', option, '--no-owner');
      await write('drop table public.spilled; drop function public.spill');
      const { metas } = await rehearse(file);
      const [finding] = metas.at(-1)?.contribution.findings ?? [];
      expect(finding).toMatchObject({ severity: 'error', message: expect.stringContaining('…') as string });
      expect(JSON.stringify(metas)).not.toContain(secret);
    });

    test.each([
      ['custom', ['-Fc']],
      ['plain', ['-Fp']],
      ['plain, with session authorization', ['-Fp', '--use-set-session-authorization']],
      ['custom, to be created', ['-Fc', '--create', '--clean']],
      ['plain, to be created', ['-Fp', '--create']],
      ['plain, to be created anew', ['-Fp', '--create', '--clean', '--if-exists']],
    ])('whose owners are not here has all of it (%s)', async (_, args) => {
      const admin = { ...source().admin, database: 'source', ...(await source().openPort()) };
      const write = (...statements: string[]) =>
        withClient(admin, async (client) => {
          await client.query('set default_transaction_read_only to off');
          for (const sql of statements) await client.query(sql);
        });
      await write(
        'create role "Else where"',
        'create table public.others (id int primary key, note text)',
        "insert into public.others values (1, 'alter table x owner to y;')",
        'alter table public.others owner to "Else where"',
        'grant select on public.others to owner',
        'alter default privileges for role "Else where" grant select on tables to owner',
        "create function public.others() returns text language sql as $$select 'grant'$$",
        'alter function public.others owner to "Else where"',
        'grant connect on database source to "Else where"',
      );
      const file = await dump('source.file', ...args).finally(() =>
        write('drop owned by "Else where"', 'drop role "Else where"'),
      );
      const rehearsed = await rehearse(file);
      expect(rehearsed.rules).toEqual([]);
      expect(rehearsed.contribution('compare').counts?.['others']).toEqual({ before: 1, after: 1, note: null });
    });

    test.each(['-Fc', '-Fp'])(
      'of definitions alone is told so, whatever else is wrong with it (%s)',
      async (option) => {
        const file = await dump('source.file', option, '--schema-only');
        const extensions = { restoreAs: 'superuser' as const, roles: [] };
        if (option === '-Fp') {
          const sql = await readFile(file, 'utf8');
          await writeFile(
            file,
            sql.replace('CREATE SCHEMA crm', 'ALTER SCHEMA public OWNER TO nobody_here;\nCREATE SCHEMA crm'),
          );
          expect((await rehearse(file, extensions)).rules).toEqual([
            'RESTORED_AS_SUPERUSER (warning)',
            'DUMP_WITHOUT_ROWS',
            'ROLE_MISSING',
          ]);
        }
        expect((await rehearse(file)).rules).toEqual(['DUMP_WITHOUT_ROWS']);
      },
    );

    test('in plain SQL is not taken for restored where psql stopped, whatever the profile tolerates', async () => {
      const file = await dump('source.sql', '-Fp');
      const sql = await readFile(file, 'utf8');
      await writeFile(file, sql.replace('CREATE SCHEMA crm', 'CREATE EXTENSION nosuch;\nCREATE SCHEMA crm'));
      const tolerate = [{ message: 'nosuch', reason: 'it is not needed' }];
      const { rules, metas } = await rehearse(file, { tolerate });
      expect(rules).toEqual(['EXTENSION_MISSING (warning)', 'RESTORE_STOPPED']);
      expect(metas.at(-1)).toMatchObject({ status: 'failed', error: null });
    });

    test.each(['gzip', 'zstd'])(
      'of which nothing came through the pipe is found out, compressed with %s',
      async (program) => {
        const file = join(await makeWorkspace({ 'source.sql': '' }), 'source.sql');
        await execa(program, ['-q', file]);
        expect((await rehearse(`${file}.${program === 'gzip' ? 'gz' : 'zst'}`)).rules).toEqual(['ARCHIVE_EMPTY']);
      },
    );

    test.each(['custom', 'directory'] as const)('in the format %s is what its manifest says', async (format) => {
      const { set, manifest } = await backUp({ format });
      const rehearsed = await rehearse(set.dump);
      expectEqual(rehearsed);
      expect(rehearsed.contribution('examine').subject).toEqual({
        file: basename(set.dump),
        sha256: manifest.sha256,
        bytes: manifest.bytes,
        takenAt: manifest.takenAt,
        format,
        dumpVersion: manifest.dumpVersion,
      });
      expect(rehearsed.contribution('compare').counts?.['users']).toEqual({ before: 3, after: 3, note: null });
    });

    test('with its roles and owners is what its manifest says', async () => {
      const superuser = { ...source().admin, database: 'source', ...(await source().openPort()) };
      await using asSuperuser = await openUrl(databaseUrl(superuser), readEnvironment(), original.drill.run.directory);
      const options = { directory: await makeWorkspace(), format: 'custom' as const, compression: undefined };
      const { set } = await takeBackup(asSuperuser, {
        ...options,
        ownership: 'preserve',
        limits: { timeoutMs: 30_000 },
      });
      await expect(rehearse(set.dump)).resolves.toMatchObject({
        rules: [expect.stringMatching(/^PROFILE_INVALID: .*ownership: 'preserve'/)],
      });
      const globals = await readFile(set.globals, 'utf8');
      const rehearsed = await rehearse(set.dump, { ownership: 'preserve' });
      expectEqual(rehearsed);
      expect(rehearsed.contribution('prepare').checks?.[0]).toMatchObject({
        id: 'roles-restored',
        status: 'passed',
      });
      await writeFile(set.globals, `${globals}copy t from program 'id';\n`);
      expect((await rehearse(set.dump, { ownership: 'preserve' })).rules).toEqual(['GLOBALS_MISMATCH']);
      await rm(set.globals);
      expect((await rehearse(set.dump, { ownership: 'preserve' })).rules).toEqual(['GLOBALS_MISSING']);
    });

    test.each([
      ['in the middle of a row', '--compress=0', '.dat', (size: number) => size - 12],
      ['before its end marker', '--compress=0', '.dat', (size: number) => size - 5],
      ['to nothing', '--compress=0', '.dat', () => 0],
      ['to nothing, compressed', '--compress=6', '.dat.gz', () => 0],
      ['to one byte, compressed', '--compress=6', '.dat.gz', () => 1],
    ])('whose directory has a file that was cut %s is not whole', async (_, compress, ending, sizeOf) => {
      const directory = await dump('source.dir', '-Fd', compress);
      const files = (await readdir(directory)).filter((name) => name.endsWith(ending) && !name.startsWith('blob'));
      const sizes = await Promise.all(files.map(async (name) => (await stat(join(directory, name))).size));
      const largest = join(directory, files[sizes.indexOf(Math.max(...sizes))] ?? '');
      await truncate(largest, sizeOf(Math.max(...sizes)));
      expect((await rehearse(directory)).rules).toEqual(['ARCHIVE_TRUNCATED']);
    });

    test('whose directory holds links lets nobody look behind them', async () => {
      const directory = await dump('source.dir', '-Fd');
      const secret = join(await makeWorkspace({ secret: 'canary' }), 'secret');
      const { mode, uid } = await stat(secret);
      await symlink(secret, join(directory, 'blobs_9999.toc'));
      const [data = ''] = (await readdir(directory)).filter((name) => name.endsWith('.dat.gz'));
      await rm(join(directory, data));
      await symlink(secret, join(directory, data));
      const { rules } = await rehearse(directory);
      expect(rules).not.toEqual([]);
      expect(await stat(secret)).toMatchObject({ mode, uid });
    });

    test.each([
      ['another database', ['-Fc'], { database: { name: 'shop', owner: 'owner' } }, 'BACKUP_OF_ANOTHER_DATABASE'],
      ['definitions alone', ['-Fc', '-s'], {}, 'DUMP_WITHOUT_ROWS'],
      ['definitions alone, in plain SQL', ['-s'], {}, 'DUMP_WITHOUT_ROWS'],
    ] as const)('of %s is found out', async (_, args, changes, rule) => {
      expect((await rehearse(await dump('source.file', ...args), changes as Partial<Profile>)).rules).toEqual([rule]);
    });

    test.each([
      ['-Fc', 'cat', 'source.dump'],
      ['-Fp', 'cat', 'source.sql'],
      ['-Fp', 'gzip', 'source.sql.gz'],
    ])('in several parts is told so (%s, %s)', async (option, program, name) => {
      const file = await dump('source.file', option);
      const directory = dirname(file);
      const script = `${program} < source.file > whole && split --number=3 whole ${name}. && split --number=3 --numeric-suffixes=1 whole ${name}.part`;
      await execa('bash', ['-c', script], { cwd: directory });
      for (const part of ['.aa', '.ab', '.part01']) {
        const { rules, contribution } = await rehearse(join(directory, `${name}${part}`));
        expect(rules[0]).toBe('DUMP_IN_PARTS');
        expect(contribution('examine').findings?.[0]?.message).toContain('one of 3 parts');
      }
      await execa('bash', ['-c', `cat ${name}.a? > ${name}`], { cwd: directory });
      expect((await rehearse(join(directory, name))).rules).toEqual([]);
    });

    test.each([
      ['appended to another', '-Fp', 'cat source.file source.file', 'DUMPED_TWICE'],
      ['appended to another, compressed', '-Fp', '(gzip < source.file; gzip < source.file)', 'DUMPED_TWICE'],
      ['appended to another archive', '-Fc', 'cat source.file source.file', 'DUMPED_TWICE'],
      ['with text behind', '-Fp', '(cat source.file; echo Connection closed.)', 'DUMP_WITH_TRAILING_BYTES'],
      ['with zeros behind', '-Fp', '(cat source.file; head -c 999 /dev/zero)', 'ARCHIVE_CORRUPT'],
      ['with CRLF in part', '-Fp', "sed '1,9s/$/\\r/' source.file", 'DUMP_LINE_ENDS'],
      ['that was read as Latin-1', '-Fc', 'iconv -f latin1 -t utf8 source.file', 'DUMP_TAKEN_FOR_TEXT'],
      [
        'that was read as UTF-8',
        '-Fc',
        `node -e 'process.stdout.write(fs.readFileSync("source.file", "utf8"))'`,
        'DUMP_TAKEN_FOR_TEXT',
      ],
    ])('%s is told so (%s)', async (_, option, script, rule) => {
      const cwd = dirname(await dump('source.file', option));
      await execa('bash', ['-c', `${script} > out`], { cwd });
      expect((await rehearse(join(cwd, 'out'))).rules).toEqual([rule]);
    });

    test('is restored from its definitions and its rows, one behind the other', async () => {
      const [definitions, rows] = [await dump('a', '--schema-only'), await dump('b', '--data-only')];
      const file = join(await makeWorkspace(), 'both.sql');
      await writeFile(file, Buffer.concat([await readFile(definitions), await readFile(rows)]));
      expect((await rehearse(file)).rules).toEqual([]);
    });

    test('in a directory whose table of contents went through a terminal is told so', async () => {
      const directory = await dump('source.dir', '-Fd');
      await execa('sed', ['-i', 's/$/\\r/', join(directory, 'toc.dat')]);
      expect((await rehearse(directory)).rules).toEqual(['DUMP_THROUGH_TERMINAL']);
    });

    test('whose file is no dump, half written, or not there is told so', async () => {
      const file = await dump('source.file', '-Fc');
      await truncate(file, (await stat(file)).size - 30);
      expect((await rehearse(file)).rules[0]).toMatch(/^ARCHIVE_TRUNCATED/);
      await writeFile(file, '<html>404</html>');
      expect((await rehearse(file)).rules).toEqual(['ARCHIVE_NOT_RECOGNISED']);
      await writeFile(file, '');
      expect((await rehearse(file)).rules).toEqual(['ARCHIVE_EMPTY']);
      expect((await rehearse(`${file}.gone`)).rules[0]).toMatch(/^BACKUP_NOT_FOUND: There is no backup at/);
      const directory = await makeWorkspace({ 'nothing.dir/readme': '' });
      expect((await rehearse(join(directory, 'nothing.dir'))).rules).toEqual(['ARCHIVE_NOT_RECOGNISED']);
    });
  });
});
