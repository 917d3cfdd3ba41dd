import { execa } from 'execa';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { databaseUrl } from '../postgres/connection.ts';
import { PlainDumpReader } from '../postgres/plain-dump-reader.ts';
import { openUrl } from '../source/url-source.ts';
import type { SourceServer } from '../source/source-server.ts';
import type { Profile } from '../config/profile.ts';
import type { ServedDatabase } from './served-database.ts';

/** One of each kind that a dump fills, or does not: also without a row. Nothing refers to the table alone. */
const schema = `
  create table users (id serial primary key, name text);
  insert into users (name) values ('Ünal'), (E'two\\nlines\\\\'), ('-- PostgreSQL database dump complete');
  create table posts (id int generated always as identity, author int references users);
  insert into posts (author) values (1), (2);
  create table "Odd ""; Type: X" ();
  create table alone (id int);
  create unlogged table sessions (id int);
  insert into sessions values (1);
  create schema crm;
  create table crm.clients (id int primary key) partition by range (id);
  create table crm.clients_1 partition of crm.clients for values from (0) to (10);
  insert into crm.clients values (1);
  create materialized view totals as select count(*) from users;
  create view names as select name from users;
  create index on users (name);
  alter table posts enable row level security;
  create policy everybody on posts using (true);
  comment on table users is 'people';
  create publication news for table users;
  select lo_from_bytea(0, 'large')`;

const posts = ['TABLE_DATA_MISSING posts'];
/** The section pre-data creates them, the section data fills them. */
const emptied = 'LARGE_OBJECT_COUNT_MISMATCH large objects';
const everyTable = ['"Odd ""; Type: X"', 'alone', 'crm.clients_1', 'posts', 'sessions', 'users'];

/** What each option of pg_dump that leaves something out comes to: rules with their objects. */
const options: [string, string[]][] = [
  ['', []],
  ['--inserts', []],
  ['--column-inserts --rows-per-insert=2 --on-conflict-do-nothing', []],
  ['--load-via-partition-root', []],
  ['--disable-triggers', []],
  ['--schema=public', []],
  ['--schema=public --clean', []],
  ['--exclude-table-data=posts', posts],
  ['--exclude-table-data=posts --inserts', posts],
  ['--exclude-table-data=crm.*', ['TABLE_DATA_MISSING crm.clients_1']],
  ['--exclude-table-data=crm.* --load-via-partition-root', ['TABLE_DATA_MISSING crm.clients_1']],
  ['--exclude-table-data=alone --exclude-table-data=posts', ['TABLE_DATA_MISSING alone', ...posts]],
  ['--exclude-table-data="Odd"*', ['TABLE_DATA_MISSING "Odd ""; Type: X"']],
  ['--exclude-table-data=users_id_seq', ['SEQUENCE_POSITION_MISSING users_id_seq']],
  ['--exclude-table-data=totals', ['MATERIALIZED_VIEW_DATA_MISSING totals']],
  ['--exclude-table-data=posts*', ['TABLE_DATA_MISSING posts', 'SEQUENCE_POSITION_MISSING posts_id_seq']],
  ['--no-unlogged-table-data', ['TABLE_DATA_MISSING sessions']],
  ['--schema-only', ['DUMP_WITHOUT_ROWS dump']],
  ['--section=pre-data', ['DUMP_WITHOUT_ROWS dump', 'POST_DATA_MISSING dump', emptied]],
  ['--section=pre-data --section=data', ['POST_DATA_MISSING dump']],
  ['--section=pre-data --section=post-data', ['DUMP_WITHOUT_ROWS dump', emptied]],
  ['--data-only', ['DUMP_WITHOUT_DEFINITIONS source']],
  ['--section=data', ['DUMP_WITHOUT_DEFINITIONS source']],
  ['--section=post-data', ['DUMP_WITHOUT_DEFINITIONS source']],
  ['--section=data --section=post-data', ['DUMP_WITHOUT_DEFINITIONS source']],
  // What is left speaks of what is missing.
  ['--exclude-table-data=users', ['FOREIGN_KEY_VIOLATED posts_author_fkey']],
];

/** What has no table that the profile names: only archives name their database. */
const withoutUsers: [string, string[]][] = [
  ['--exclude-table=users', ['RELATION_NOT_FOUND']],
  ['--table=posts', ['RELATION_NOT_FOUND']],
  ['--schema=crm', ['TABLE_MISSING users']],
];

/** What nothing tells: it is said to be so. */
const untold = [
  ...['--exclude-table=alone', '--exclude-schema=crm', '--no-large-objects', '--no-comments'],
  ...['--no-publications', '--no-subscriptions', '--no-security-labels', '--no-privileges', '--no-owner'],
];

/** Warnings: the dump is restored as a superuser, and no archive says whether policies hid rows from pg_dump. */
const ofEveryArchive = ['RESTORED_AS_SUPERUSER', 'ROW_SECURITY_NOT_KNOWN'];

describe.skipIf(inject('skipped').local !== null)('a dump without a manifest', () => {
  const source = useServer('local');
  let made: ServedDatabase;
  let live: SourceServer;

  beforeAll(async () => {
    made = await serveDrill(source(), { tables: ['users'] });
    await withClient(made.asAdmin, (client) => client.query(schema));
    live = await openUrl(
      databaseUrl({ ...made.asAdmin, ...(await source().openPort()) }),
      readEnvironment(),
      made.drill.run.directory,
    );
  });
  afterAll(async () => {
    await made.drill.run.dispose();
  });

  async function rehearse(backup: string, changes: Partial<Profile> = {}) {
    const rehearsed = await rehearseBackup(made, backup, { restoreAs: 'superuser', ...changes });
    const findings = rehearsed.metas
      .flatMap(({ contribution, error }) => [...(contribution.findings ?? []), ...(error === null ? [] : [error])])
      .filter((finding) => !('rule' in finding) || !ofEveryArchive.includes(finding.rule));
    return { ...rehearsed, findings, errors: findings.map(tell) };
  }

  function tell(finding: object): string {
    const { rule, object, code } = finding as { rule?: string; object?: string; code?: string };
    return rule === 'RELATION_NOT_FOUND' ? rule : `${rule ?? code ?? ''} ${object ?? ''}`;
  }

  async function dump(...args: string[]): Promise<string> {
    const file = join(await makeWorkspace(), 'source.file');
    const own = args.map((arg) => (live.dumpVersion.startsWith('15') ? arg.replace('-large-objects', '-blobs') : arg));
    const call = { tool: 'pg_dump' as const, args: [...own, `--file=${file}`], ...live.connection, timeoutMs: 30_000 };
    expect(await live.runTool(call)).toMatchObject({ exitCode: 0 });
    return file;
  }

  describe.each(['custom', 'plain'])('in the format %s', (format) => {
    test.each(sampleOf(options, ([, expected]) => [format, expected[0]?.split(' ')[0]]))(
      'taken with “%s” comes to %j',
      async (option, expected) => {
        const file = await dump(`--format=${format}`, ...option.split(' ').filter(Boolean));
        const { errors, contribution } = await rehearse(file);
        expect(errors.toSorted()).toEqual(expected.toSorted());
        if (expected[0] !== 'DUMP_WITHOUT_ROWS dump') return;
        const message = contribution('compare').findings?.[0]?.message;
        for (const name of everyTable.slice(1, 3)) expect(message).toContain(name);
      },
    );

    test.each(withoutUsers)('taken with “%s” has none of the tables of the profile', async (option, expected) => {
      const { errors } = await rehearse(await dump(`--format=${format}`, option));
      expect(errors).toEqual(format === 'plain' ? ['BACKUP_OF_ANOTHER_DATABASE source'] : expected);
    });

    test.each(sampleOf(untold, () => format, 2))(
      'taken with “%s” is not said to be all that its source held',
      async (option) => {
        const { errors, contribution } = await rehearse(await dump(`--format=${format}`, option));
        expect(errors).toEqual([]);
        const { checks, coverage } = contribution('compare');
        expect(checks).toContainEqual(expect.objectContaining({ id: 'state', status: 'not-applicable' }));
        expect(coverage?.notChecked[0]).toMatchObject({
          what: 'whether the dump holds all that its source held',
          why: expect.stringContaining('a dump does not say what pg_dump was told to leave out') as string,
        });
      },
    );

    test('whose missing parts the profile tolerates is restored, with the reasons', async () => {
      const reason = 'sessions may be lost';
      const tolerate = [{ message: 'the table sessions, and', reason }];
      const file = await dump(`--format=${format}`, '--exclude-table-data=sessions', '--exclude-table-data=posts');
      const { findings, contribution } = await rehearse(file, { tolerate });
      expect(findings.map((finding) => finding)).toMatchObject([
        { rule: 'TABLE_DATA_MISSING', severity: 'error', object: 'posts' },
        {
          rule: 'TABLE_DATA_MISSING',
          severity: 'warning',
          object: 'sessions',
          message: expect.stringContaining(`(tolerated: ${reason})`) as string,
        },
      ]);
      const { checks = [] } = contribution('compare');
      expect(checks.find(({ id }) => id === 'row-counts')).toMatchObject({ status: 'failed', actual: 'not posts' });
    });
  });

  test.each([
    ['custom', '--enable-row-security', ['ROW_SECURITY_NOT_KNOWN posts (warning)']],
    ['custom', '--no-comments', ['ROW_SECURITY_NOT_KNOWN posts (warning)']],
    ['tar', '--no-comments', ['ROW_SECURITY_NOT_KNOWN posts (warning)']],
    ['plain', '--enable-row-security', ['ROWS_BEHIND_ROW_SECURITY posts (error)']],
    ['plain', '--enable-row-security --inserts', ['ROWS_BEHIND_ROW_SECURITY posts (error)']],
    ['plain', '--no-comments', []],
  ])('in the format %s, taken with “%s”, may hold what policies showed: %j', async (format, option, expected) => {
    const { metas } = await rehearse(await dump(`--format=${format}`, ...option.split(' ')));
    const findings = metas.flatMap(({ contribution }) => contribution.findings ?? []);
    const secured = findings.filter(({ rule }) => rule.includes('ROW_SECURITY'));
    expect(secured.map(({ rule, object, severity }) => `${rule} ${object} (${severity})`)).toEqual(expected);
  });

  test.each(['--exclude-table-data=totals', '--exclude-table-data=totals --format=custom'])(
    'that does not fill a view (%s) has lost no row: that is a warning',
    async (option) => {
      const { findings, metas } = await rehearse(await dump(...option.split(' ')));
      expect(findings).toMatchObject([{ rule: 'MATERIALIZED_VIEW_DATA_MISSING', severity: 'warning' }]);
      const checks = metas.flatMap(({ contribution }) => contribution.checks ?? []);
      expect(checks.filter(({ status }) => status === 'failed')).toEqual([]);
    },
  );

  test('is cut wherever it ends before pg_dump’s end', async () => {
    const file = await dump('--format=plain');
    const bytes = await readFile(file);
    const whole = bytes.toString('latin1').trimEnd().length;
    const closing =
      bytes.lastIndexOf('-- PostgreSQL database dump complete') + '-- PostgreSQL database dump complete'.length;
    const isRestricted = bytes.includes('\\restrict');
    const cut = (size: number) => {
      const reader = new PlainDumpReader();
      reader.feed(bytes.toString('latin1', 0, size));
      return reader.end();
    };
    const wrong: number[] = [];
    for (let size = 0; size <= bytes.length; size += 1) {
      const { cut: found, metaCommands } = cut(size);
      if ((found === null) !== size >= (isRestricted ? whole : closing) || metaCommands.length > 0) wrong.push(size);
    }
    expect(wrong).toEqual([]);
  });

  test.each([
    ['none', ''],
    ['gzip', '.gz'],
    ['zstd', '.zst'],
  ])('is ARCHIVE_TRUNCATED at any of its places, packed with %s', async (packing, suffix) => {
    const file = await dump('--format=plain');
    const bytes = await readFile(file);
    const rows = bytes.indexOf('COPY public.users');
    const places = [
      ...[1, 20, 60, rows, rows + 60, bytes.indexOf('lines', rows), bytes.indexOf('-- Data for Name: users')],
      ...[bytes.indexOf('\\.\n', rows) + 1, bytes.indexOf('-- Name: posts posts_author_fkey'), bytes.indexOf('people')],
      bytes.lastIndexOf('database dump complete'),
    ];
    for (const [index, place] of places.entries()) {
      expect(place).toBeGreaterThan(0);
      const copy = join(await makeWorkspace(), `cut_${index}.sql`);
      await writeFile(copy, bytes.subarray(0, place));
      if (packing !== 'none') await execa(packing, ['-q', copy, ...(packing === 'zstd' ? ['--rm'] : [])]);
      const { errors } = await rehearse(`${copy}${suffix}`);
      expect(errors, `cut at ${place}`).toEqual(['ARCHIVE_TRUNCATED source']);
    }
    const whole = join(await makeWorkspace(), 'whole.sql');
    await writeFile(whole, bytes.toString('utf8').trimEnd());
    expect((await rehearse(whole)).errors).toEqual([]);
  });
});
