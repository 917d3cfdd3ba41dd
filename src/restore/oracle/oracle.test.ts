import pg from 'pg';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEveryKind } from '../../../fixtures/databases/every-kind.ts';
import { contentMutations, definitionMutations } from '../../../fixtures/databases/mutations.ts';
import { shareCopies } from '../../../fixtures/databases/share-copies.ts';
import { openBackup } from '../../../fixtures/testing/dumps.ts';
import { describeEitherEngine } from '../../../fixtures/testing/engines.ts';
import { isLongRun, sampleOf } from '../../../fixtures/testing/sample.ts';
import { useServer } from '../../../fixtures/testing/servers.ts';
import { withClient } from '../../../fixtures/testing/sessions.ts';
import { backupSet } from '../../backup/backup-set.ts';
import type { DumpReader } from '../../backup/format/backup-format.ts';
import type { Connection } from '../../postgres/connection.ts';
import { copyStrategy } from '../../postgres/copy-strategy.ts';
import { dropDatabase } from '../../postgres/database.ts';
import { createReader } from '../../postgres/reader.ts';
import { compareSchemas } from '../../snapshot/compare-schema.ts';
import type { Difference } from '../../snapshot/difference.ts';
import type { Ownership } from '../../snapshot/facet.ts';
import { pinTool } from '../../snapshot/pinned-settings.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { takeSnapshot } from '../../snapshot/take.ts';
import type { ComparedTable } from './row-comparison.ts';
import { compareDefinitions } from './compare-definitions.ts';
import { holdAgainstDump, type ReadDump } from './hold-against-dump.ts';

const limits = { timeoutMs: 60_000 };
const reader = { user: 'restore_rehearsal_reader_of_oracles', password: 'no secret here' };

describeEitherEngine('a dump of every kind of object and value', (engine) => {
  const server = useServer(engine);
  let directory = '';
  let source: Connection;
  let reference: Snapshot;
  let dump: ReadDump;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'restore-rehearsal-test-'));
    source = await createEveryKind(server());
    await createReader(server().admin, reader);
    dump = await take('--format=custom');
    await createCopy('restored', 'template0');
    const login = { ...server().admin, database: 'restored' };
    const session = { tools: server(), login, actsForOthers: false, createExtensions: () => Promise.resolve([]) };
    const options = { ownership: 'preserve' as const, goOn: false, extensions: [], extensionVersions: {}, limits };
    expect(await dump.opened.restore(session, options)).toMatchObject({ exitCode: 0, stderr: '' });
    reference = await read('restored', 'preserve');
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('is held in full by what was restored from it', async () => {
    const { rows, definitions } = await hold('restored', dump);
    expect(rows.tables.length).toBeGreaterThan(40);
    expect(notEqual(rows.tables)).toEqual([]);
    expect(rows.tables.filter(({ order }) => order === 'any').map(({ table }) => table)).toEqual([]);
    expect(rows.largeObjects.restored).toEqual(rows.largeObjects.dumped);
    expect(definitions).toEqual([]);
  });

  const children = 'the dump inserts into a child without naming columns';
  const reordered = 'the restored table has its columns in another order';
  const inChildren = (reason: string, ...others: string[]) =>
    ['birds', 'parrots', ...others].map((name) => `public.${name} not-comparable: ${reason}`);

  test.each([
    ['--format=plain', []],
    ['--format=tar', []],
    ['--inserts', inChildren(children, 'pets')],
    ['--format=plain --column-inserts --rows-per-insert=3 --on-conflict-do-nothing', inChildren(reordered)],
    ['--load-via-partition-root', []],
    ['--format=plain --clean --create --if-exists', []],
    ['--disable-triggers --use-set-session-authorization', []],
  ])('and taken with %s', async (options, expected) => {
    const { rows, definitions } = await hold('restored', await take(...options.split(' ')));
    expect(notEqual(rows.tables)).toEqual(expected);
    expect(rows.largeObjects.restored).toEqual(rows.largeObjects.dumped);
    expect(definitions).toEqual([]);
  });

  test.each(['--format=custom', '--inserts'])('and taken with %s and quotes around every name', async (option) => {
    const { rows, definitions } = await hold('restored', await take(option, '--quote-all-identifiers'));
    expect(notEqual(rows.tables).filter((each) => !each.includes('not-comparable'))).toEqual([]);
    expect(definitions).toContain('--quote-all-identifiers');
  });

  test('and taken without owners and privileges', async () => {
    const { definitions } = await hold('restored', await take('--no-owner', '--no-privileges'), 'runbook');
    expect(definitions).toEqual([]);
  });

  test('and restored without owners and privileges', async () => {
    const { definitions } = await hold('restored', dump, 'runbook');
    expect(definitions).toEqual([]);
  });

  test.each(['America/St_Johns', 'Asia/Kathmandu', 'Europe/Berlin', 'UTC'])(
    'and taken in the time zone %s, with bytea in another format',
    async (timezone) => {
      const { rows } = await hold('restored', await takeWith({ timezone, bytea_output: 'escape' }));
      expect(notEqual(rows.tables)).toEqual([]);
      expect(rows.settings.byteaOutput).toBe('escape');
    },
  );

  test('names that need their quotes are not taken for --quote-all-identifiers', async () => {
    const { rows, definitions } = await hold('restored', await take('--format=custom', '--schema="Schema"*'));
    expect(rows.tables.map(({ table }) => table[0])).toEqual(['"']);
    expect(rows.settings.quotesAll).toBe(false);
    expect(definitions).not.toBeTypeOf('string');
  });

  test('a table that cannot be read changes nothing for those that are read after it', async () => {
    // No other zone has its distance from UTC.
    const inZone = await takeWith({ timezone: 'Australia/Eucla' });
    const name = 'without-first';
    await createCopy(name, 'restored');
    await withClient({ ...source, database: name }, (client) => client.query('drop table kinds.addresses cascade'));
    const { rows } = await hold(name, inZone);
    await dropDatabase(server().admin, name);
    expect(notEqual(rows.tables)).toEqual(['kinds.addresses not-read: relation "kinds.addresses" does not exist']);
    expect(rows.settings).toMatchObject({ timeZone: 'Australia/Eucla', byteaOutput: 'hex' });
  });

  test('and taken in another time zone with INSERT', async () => {
    const { rows } = await hold('restored', await takeWith({ timezone: 'Asia/Kathmandu' }, '--column-inserts'));
    expect(notEqual(rows.tables)).toEqual(inChildren(reordered));
    expect(rows.settings.timeZone).toBe('Asia/Kathmandu');
  });

  test('whose restored database prints dates otherwise', async () => {
    const inZone = await takeWith({ timezone: 'Asia/Kathmandu' });
    await withClient(source, (client) => client.query("alter database restored set datestyle = 'SQL, DMY'"));
    const { rows } = await hold('restored', inZone);
    await withClient(source, (client) => client.query('alter database restored reset datestyle'));
    expect(notEqual(rows.tables)).toEqual([]);
  });

  test('rows that come back in another order are the same', async () => {
    const { rows } = await mutate(
      'create table kinds.moved as table kinds.texts; delete from kinds.texts; insert into kinds.texts select * from kinds.moved order by id desc; drop table kinds.moved',
    );
    expect(notEqual(rows.tables)).toEqual([]);
    expect(rows.tables.filter(({ order }) => order === 'any').map(({ table }) => table)).toEqual(['kinds.texts']);
  });

  test.each([
    ['another byte', "select lo_put(oid, 0, '\\x00ff') from pg_largeobject_metadata order by oid limit 1"],
    ['one less', 'select lo_unlink(max(oid)) from pg_largeobject_metadata'],
  ])('names large objects with %s', async (_, sql) => {
    const { rows } = await mutate(sql);
    expect(rows.largeObjects.restored).not.toEqual(rows.largeObjects.dumped);
    expect(notEqual(rows.tables)).toEqual([]);
  });

  describe.each(sampleOf(shareCopies(contentMutations), () => 'content', 4))(
    'names each changed table in copy $number:',
    ({ mutations }) => {
      test('and no other', async () => {
        const { rows } = await mutate(mutations.map(({ sql }) => sql).join(';\n'));
        // A dump does not hold what a materialised view shows.
        const expected = mutations.map(({ object }) => object).filter((name) => name !== 'sums');
        expect(notEqual(rows.tables).map(withoutPublic).toSorted()).toEqual(
          expected.map((name) => `${name} different`).toSorted(),
        );
      });
    },
  );

  // No dump that is not a superuser's shows options of a user mapping. What is compared is the same on both engines.
  const inDumps = definitionMutations.filter(({ rule }) => !rule.startsWith('USER_MAPPING'));

  describe.skipIf(isLongRun && engine !== 'local')(
    'names another definition, as a comparison with the source does:',
    () => {
      test.each(sampleOf(inDumps, ({ rule }) => rule.split('_')[0]))('$name', async ({ sql }) => {
        const after = await withMutated(sql, (name) => read(name, 'preserve'));
        const context = { ownership: 'preserve' as const, serverVersion: null, dumpVersion: null };
        const restoredTo = server().serverVersion;
        const found = compareDefinitions(dump.contents.definitions ?? [], after.schema, { ...context, restoredTo });
        const told = (differences: Pick<Difference, 'rule' | 'object'>[]) =>
          differences.map(({ rule, object }) => `${rule} ${object}`).toSorted();
        expect(told(found)).toEqual(told(compareSchemas(reference.schema, after.schema)));
        expect(found).not.toEqual([]);
      });
    },
  );

  let copies = 0;
  let dumps = 0;

  const mutate = (sql: string) => withMutated(sql, (name) => hold(name, dump));

  /** Applies SQL to a copy of the restored database, which is gone afterwards. */
  async function withMutated<Result>(sql: string, use: (name: string) => Promise<Result>): Promise<Result> {
    const name = `oracle-copy-${(copies += 1)}`;
    await createCopy(name, 'restored');
    await withClient({ ...source, database: name }, (client) => client.query(sql));
    const result = await use(name);
    await dropDatabase(server().admin, name);
    return result;
  }

  async function hold(database: string, read_: ReadDump, ownership: Ownership = 'preserve') {
    const after = await read(database, ownership);
    const restored = { reader: { ...source, ...reader, database }, runner: server(), limits };
    const versions = { serverVersion: null, dumpVersion: null, restoredTo: server().serverVersion };
    return holdAgainstDump(restored, read_, after, { ...versions, ownership });
  }

  function read(database: string, ownership: Ownership): Promise<Snapshot> {
    return takeSnapshot({ ...source, ...reader, database }, { ...limits, runner: server(), ownership });
  }

  function take(...options: string[]): Promise<ReadDump> {
    return takeWith({}, ...options);
  }

  async function takeWith(settings: Record<string, string>, ...options: string[]): Promise<ReadDump> {
    const file = join(directory, `source_${(dumps += 1)}.file`);
    const args = options.length === 0 ? ['--format=custom'] : options;
    const runner = Object.keys(settings).length === 0 ? server() : pinTool(server(), settings);
    const consumeStdout = (stdout: Readable) => pipeline(stdout, createWriteStream(file));
    const taken = await runner.runTool({ tool: 'pg_dump', args, ...source, ...limits, consumeStdout });
    expect(taken).toMatchObject({ exitCode: 0, stderr: '' });
    const { format, dump: files } = await openBackup(backupSet(file), directory);
    const opened = format.open(files, dumpReader());
    const contents = await opened.readContents();
    if (Array.isArray(contents)) throw new Error(contents.map(({ message }) => message).join('\n'));
    return { opened, contents };
  }

  function dumpReader(): DumpReader {
    return { tools: server(), limits, secrets: [], assertServerUp: () => Promise.resolve() };
  }

  async function createCopy(name: string, template: string): Promise<void> {
    const [copy, owner] = [name, `${source.database} owner`].map((each) => pg.escapeIdentifier(each));
    await withClient(server().admin, async (client) =>
      client.query(`create database ${copy} owner ${owner} template ${template} ${await copyStrategy(client)}`),
    );
  }
});

function notEqual(tables: ComparedTable[]): string[] {
  return tables
    .filter(({ outcome }) => outcome !== 'equal')
    .map(({ table, outcome, reason }) => `${table} ${outcome}${reason === null ? '' : `: ${reason}`}`);
}

function withoutPublic(text: string): string {
  return text.replace(/^public\./, '');
}
