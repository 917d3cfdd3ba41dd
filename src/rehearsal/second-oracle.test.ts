import { execa } from 'execa';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import type { BackupSet } from '../backup/backup-set.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { databaseUrl, type Connection } from '../postgres/connection.ts';
import { takeSnapshot } from '../snapshot/take.ts';
import type { SourceServer } from '../source/source-server.ts';
import { openUrl } from '../source/url-source.ts';
import { readEnvironment } from '../system/environment.ts';
import type { ServedDatabase } from './served-database.ts';

/** Values that print otherwise elsewhere, and names that have to be quoted, for a shell, for awk and for SQL. */
const schema = `
  create table numbers (id int8 primary key, at timestamptz);
  insert into numbers values (1, '1999-03-01 12:00+00'), (5000000000, '2026-07-01 12:00+00');
  create schema "it's";
  create table "it's"."a ""b\\c $x" ("d "" e" text, f int);
  insert into "it's"."a ""b\\c $x" values (E'tab\\t line\\n \\\\. back\\\\slash', 1), (null, 2), ('', 3);
  create table parts (k int, v text) partition by range (k);
  create table parts_1 partition of parts for values from (0) to (10);
  insert into parts values (1, 'one'), (2, 'two')`;

const limits = { timeoutMs: 30_000 };

describeEngine('local', 'a dump as the second oracle', (engine) => {
  const server = useServer(engine);
  let made: ServedDatabase;
  let source: Connection;
  let live: SourceServer;
  let backup: BackupSet;

  beforeAll(async () => {
    made = await serveDrill(server(), {}, { secondOracle: true });
    source = { ...made.asOwner, ...(await server().openPort()) };
    await withClient(made.asOwner, (client) => client.query(schema));
    live = await openUrl(databaseUrl(source), readEnvironment(), made.drill.run.directory);
    const options = { format: 'custom', compression: undefined, ownership: 'runbook', limits } as const;
    ({ set: backup } = await takeBackup(live, { ...options, directory: join(made.drill.run.directory, 'backups') }));
  });
  afterAll(() => made.drill.run.dispose());

  test.each([
    ['--format=custom', 'shop.dump', null],
    ['--format=plain', 'shop.sql', null],
    ['--format=plain', 'shop.sql', 'gzip'],
    ['--format=custom --load-via-partition-root', 'shop.dump', null],
  ])('gives hashes that others can have again by themselves: %s %s %s', async (options, name, compression) => {
    const directory = await makeWorkspace();
    const file = join(directory, name);
    const args = [...options.split(' '), `--file=${file}`];
    const settings = { timezone: 'Asia/Kathmandu' };
    const dumped = await live.runTool({ tool: 'pg_dump', args, settings, ...live.connection, ...limits });
    expect(dumped).toMatchObject({ exitCode: 0 });
    if (compression !== null) await execa(compression, [file]);
    const { rules, contribution } = await rehearseBackup(made, compression === null ? file : `${file}.gz`);
    expect(rules).toEqual([]);
    const { rowHashes } = contribution('compare');
    expect(rowHashes?.environment).toMatchObject({ PGTZ: 'Asia/Kathmandu', PGCLIENTENCODING: 'UTF8' });
    expect(rowHashes?.tables.map(({ table, rows, outcome }) => [table, rows, outcome])).toEqual([
      [`"it's"."a ""b\\c $x"`, 3, 'equal'],
      ['public.numbers', 2, 'equal'],
      ...(options.includes('root') ? [['public.parts', 2, 'equal']] : []),
      ['public.parts_1', options.includes('root') ? null : 2, 'equal'],
    ]);
    for (const { sha256, ofDump, ofDatabase } of rowHashes?.tables ?? []) {
      if (sha256 === null) continue;
      if (ofDump !== null) expect(await inShell(ofDump, directory)).toBe(`${sha256}  -`);
      expect(await inShell(ofDatabase ?? '', directory, rowHashes?.environment)).toBe(`${sha256}  -`);
    }
    expect(rowHashes?.tables.filter(({ sha256 }) => sha256 !== null)).toHaveLength(3);
  });

  test('confirms a comparison with a manifest', async () => {
    const { rules, contribution } = await rehearseBackup(made, backup.dump);
    expect(rules).toEqual([]);
    const { rowHashes, coverage } = contribution('compare');
    expect(rowHashes?.tables.map(({ outcome }) => outcome)).toEqual(['equal', 'equal', 'equal']);
    expect(coverage?.checked.at(-1)).toContain(
      'a second time, by the SHA-256 of what the dump holds: rows of 3 tables',
    );
  });

  test('that finds what a comparison with the source does not is could-not-run: one of them errs', async () => {
    // A digest of version 1 takes these numbers for the same.
    const { rules } = await withOldManifest(() => change('update numbers set id = 4294967296 where id = 1'));
    expect(rules).toEqual([
      expect.stringMatching(
        /^ORACLES_DISAGREE: .*public\.numbers has the rows of the source, and not those of the dump/,
      ),
    ]);
  });

  test('that finds the same adds nothing', async () => {
    const { rules } = await withOldManifest(() => change('update numbers set id = 7 where id = 1'));
    expect(rules).toEqual(['CONTENT_MISMATCH', 'DIGEST_OUTDATED (warning)']);
  });

  async function withOldManifest(afterRestore: () => Promise<void>) {
    const reading = { runner: live, ownership: 'runbook', digestVersion: 1, ...limits } as const;
    const snapshot = await takeSnapshot(live.connection, reading);
    const whole = await readFile(backup.manifest, 'utf8');
    await writeFile(backup.manifest, JSON.stringify({ ...(JSON.parse(whole) as object), snapshot }));
    try {
      return await rehearseBackup(made, backup.dump, {}, { afterRestore });
    } finally {
      await writeFile(backup.manifest, whole);
    }
  }

  /** Changes the one database that has been restored. */
  async function change(sql: string): Promise<void> {
    const { rows } = await withClient(server().admin, (client) =>
      client.query<{ name: string }>("select datname as name from pg_database where datname ~ '^copy_'"),
    );
    expect(rows).toHaveLength(1);
    const connection = { ...made.asOwner, database: rows[0]?.name ?? '' };
    await withClient(connection, (client) => client.query(sql));
  }

  /** As somebody types it who has the dump and the database. */
  async function inShell(
    command: string,
    directory: string,
    environment: Record<string, string> = {},
  ): Promise<string> {
    const { host, port, user, password, database } = source;
    const login = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password, PGDATABASE: database };
    const { stdout } = await execa('bash', ['-c', `set -o pipefail; ${command}`], {
      cwd: directory,
      env: { ...login, ...environment },
    });
    return stdout;
  }
});
