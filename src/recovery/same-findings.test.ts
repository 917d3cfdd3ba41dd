import { execa } from 'execa';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { backupSet } from '../backup/backup-set.ts';
import { readEnvironment } from '../system/environment.ts';
import { databaseUrl } from '../postgres/connection.ts';
import { toolLimits } from '../rehearsal/limits.ts';
import type { ServedDatabase } from '../rehearsal/served-database.ts';
import { readBackup } from '../restore/read-backup.ts';
import type { SourceServer } from '../source/source-server.ts';
import { openUrl } from '../source/url-source.ts';
import { RecoveryServer } from './recovery-server.ts';
import { restoreBeside } from './restore-beside.ts';

const schema = `
  create table users (id serial primary key, name text not null);
  insert into users (name) select 'user ' || n from generate_series(1, 500) as n;
  create table notes (id serial primary key, owner int references users, note text);
  insert into notes (owner, note) select id, name from users;
  create view named as select name from users;
  select lo_from_bytea(0, 'large')`;

/** A dump that nobody has written a manifest for: what is done to it, and what both have to find. */
const dumps: { name: string; args?: string[]; compress?: 'gzip' | 'zstd'; change?: Change; finds: string[] }[] = [
  { name: 'custom', args: ['-Fc'], finds: [] },
  { name: 'directory', args: ['-Fd'], finds: [] },
  { name: 'tar', args: ['-Ft'], finds: [] },
  { name: 'plain SQL', finds: [] },
  { name: 'plain SQL without owners', args: ['--no-owner', '--no-privileges'], finds: [] },
  { name: 'plain SQL with INSERT', args: ['--inserts'], finds: [] },
  { name: 'plain SQL, gzip', compress: 'gzip', finds: [] },
  { name: 'plain SQL, zstd', compress: 'zstd', finds: [] },
  { name: 'custom, gzip', args: ['-Fc'], compress: 'gzip', finds: [] },
  { name: 'a cut custom archive', args: ['-Fc'], change: cut, finds: ['ARCHIVE_TRUNCATED'] },
  { name: 'cut plain SQL', change: cut, finds: ['ARCHIVE_TRUNCATED'] },
  { name: 'cut gzip', compress: 'gzip', change: cut, finds: ['ARCHIVE_TRUNCATED'] },
  { name: 'an error page', change: (file) => writeFile(file, '<html>404</html>'), finds: ['ARCHIVE_NOT_RECOGNISED'] },
  { name: 'nothing', change: (file) => writeFile(file, ''), finds: ['ARCHIVE_EMPTY'] },
  { name: 'plain SQL with a command of psql', change: addCommand, finds: ['DUMP_WITH_META_COMMANDS'] },
  { name: 'data alone', args: ['-Fc', '--data-only'], finds: ['DUMP_WITHOUT_DEFINITIONS'] },
  { name: 'definitions alone', args: ['-Fc', '--schema-only'], finds: ['DUMP_WITHOUT_ROWS'] },
  { name: 'a table without its rows', args: ['--exclude-table-data=notes'], finds: ['TABLE_DATA_MISSING'] },
];

type Change = (file: string) => Promise<void>;

async function cut(file: string): Promise<void> {
  await truncate(file, Math.floor((await stat(file)).size * 0.9));
}

async function addCommand(file: string): Promise<void> {
  const sql = await readFile(file, 'utf8');
  await writeFile(file, sql.replace('CREATE VIEW', '\\! id\nCREATE VIEW'));
}

describe.skipIf(inject('skipped').local !== null)('where dumps can be made', () => {
  describeEitherEngine('a drill and an incident', (engine) => {
    const source = useServer('local');
    const server = useServer(engine);
    let live: SourceServer;
    let served: ServedDatabase;

    beforeAll(async () => {
      const made = await serveDrill(source(), {});
      await withClient(made.asOwner, (client) => client.query(schema));
      served = await serveDrill(server(), {});
      const owner = { ...made.asOwner, ...(await source().openPort()) };
      live = await openUrl(databaseUrl(owner), readEnvironment(), served.drill.run.directory);
    });
    afterAll(() => served.drill.run.dispose());

    test.for(sampleOf(dumps, ({ finds }) => finds, 3))(
      'find the same in $name: $finds',
      async ({ args = [], compress, change, finds }) => {
        const dump = await takeDump(args);
        if (compress !== undefined) await execa(compress, ['-q', dump, ...(compress === 'zstd' ? ['--rm'] : [])]);
        const file = `${dump}${{ gzip: '.gz', zstd: '.zst', none: '' }[compress ?? 'none']}`;
        await change?.(file);
        const { rules } = await rehearseBackup(served, file);
        expect(besidesVersion(rules)).toEqual(finds);
        expect(await restoreLive(file)).toEqual(rules);
      },
    );

    test.each([
      ['ends its session', 'select pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())'],
      ['takes a millisecond for itself', "set statement_timeout = '1ms'; select pg_catalog.pg_sleep(1)"],
    ])('name a dump that %s', async (_, statement) => {
      const dump = await takeDump([]);
      const sql = await readFile(dump, 'utf8');
      await writeFile(
        dump,
        sql.replace('CREATE TABLE', () => `${statement};\n\nCREATE TABLE`),
      );
      const { rules } = await rehearseBackup(served, dump);
      expect(rules).toContain('SESSION_ENDED_BY_DUMP');
      await expect(restoreLive(dump)).rejects.toMatchObject({
        code: 'RESTORE_FAILED',
        message: expect.stringMatching(/^SESSION_ENDED_BY_DUMP: /m) as string,
      });
    });

    test.each(['-Fc', '-Fp'])('blame no %s dump for being newer than the server', async (format) => {
      const dump = await takeDump([format]);
      const { serverVersion } = source();
      const said = (await readFile(dump, 'latin1')).replaceAll(serverVersion, serverVersion.replace(/^\d+/, '99'));
      // From format 1.15 on, compression is one byte and not five.
      const newer = said.replace(/^(PGDMP.)(?![\x0f\x10]).(....).{5}/s, '$1\x10$2\x01');
      await writeFile(dump, newer, 'latin1');
      await expect(restoreLive(dump)).rejects.toMatchObject({
        code: 'RESTORE_FAILED',
        message: expect.stringMatching(/^The dump was taken from PostgreSQL 99/) as string,
      });
    });

    async function takeDump(args: string[]): Promise<string> {
      const dump = join(await makeWorkspace(), 'source.file');
      const call = { tool: 'pg_dump' as const, args: [...args, `--file=${dump}`], timeoutMs: 60_000 };
      expect(await live.runTool({ ...call, ...live.connection })).toMatchObject({ exitCode: 0 });
      return dump;
    }

    /** Restores beside the drill's own database. What was restored is dropped. Resolves with the rules of what was found. */
    async function restoreLive(file: string): Promise<string[]> {
      const { run, profile } = served.drill;
      const limits = toolLimits(served.drill);
      const directory = await makeWorkspace();
      const backup = await readBackup(backupSet(file), directory, { ...limits, path: run.environment.path });
      await using recovery = await RecoveryServer.open(profile.database.name, server().admin, server());
      const restored = await restoreBeside(recovery, { backup, profile, limits, say: () => undefined });
      if (restored.verdict === 'refused') return restored.findings.map(({ rule }) => rule);
      expect(restored.snapshot.tables.map(({ name }) => name)).toEqual(['notes', 'users']);
      await withClient(server().admin, (client) =>
        client.query(`drop database ${pg.escapeIdentifier(restored.name)} with (force)`),
      );
      return restored.findings.map(({ rule, severity }) => (severity === 'error' ? rule : `${rule} (${severity})`));
    }
  });
});

/** Another major version prints a view in another way. */
function besidesVersion(rules: string[]): string[] {
  return rules.filter((rule) => rule !== 'VIEW_CHANGED (warning)');
}
