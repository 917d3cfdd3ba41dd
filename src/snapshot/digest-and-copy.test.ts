import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { typedLiterals, typesOfLiterals, typesWithoutLiterals } from '../../fixtures/testing/typed-literals.ts';
import { connect } from '../../fixtures/testing/sessions.ts';
import { disconnect, type Connection } from '../postgres/connection.ts';
import { listRelations } from './catalog.ts';
import { rowHashes, type DigestColumn } from './digest-query.ts';

/** REHEARSAL_TEST_DIGEST_RUNS=1000 REHEARSAL_TEST_DIGEST_SEED=7 npx vitest run --project tests src/snapshot/digest-and-copy.test.ts */
const numRuns = Number(process.env['REHEARSAL_TEST_DIGEST_RUNS'] ?? 10);
const seed = Number(process.env['REHEARSAL_TEST_DIGEST_SEED'] ?? 20_260_209);
const rowsOfRun = 100;

/** A column for each type; its name tells which. */
const types = Object.keys(typedLiterals);
const literals = fc.tuple(...Object.values(typedLiterals).map((literal) => fc.option(literal, { freq: 10 })));

describeEitherEngine('digests are equal exactly where the texts of COPY are', (engine) => {
  const server = useServer(engine);
  let admin: Connection;
  let client: pg.Client;
  let columns: DigestColumn[] = [];

  beforeAll(async () => {
    const { database } = await createTestDatabase(server());
    admin = { ...server().admin, database };
    client = await connect(admin);
    await client.query(typesOfLiterals);
    await client.query(
      `create table rows (${types.map((type, index) => `${name(index)} ${type}`).join(', ')}, id int)`,
    );
    const [relation] = await listRelations(client);
    columns = relation?.columns ?? [];
  });
  afterAll(() => disconnect(client));

  test('every type is tried', async () => {
    const { rows } = await client.query<{ type: string }>(`
      select format_type(oid, null) as type
      from pg_type
      where typnamespace = 'pg_catalog'::regnamespace
      and typtype in ('b', 'r', 'm')
      and not exists (select from pg_type as element where element.typarray = pg_type.oid)`);
    const known = await client.query<{ type: string }>(
      `select distinct format_type(atttypid, null) as type from pg_attribute where attrelid = 'rows'::regclass and attnum > 0`,
    );
    const covered = new Set([...known.rows.map(({ type }) => type), ...typesWithoutLiterals]);
    expect(rows.map(({ type }) => type).filter((type) => !covered.has(type))).toEqual([]);
  });

  test(
    `of ${numRuns} × ${rowsOfRun} rows of ${types.length} types, seed ${seed}`,
    { timeout: 60_000 + 5000 * numRuns },
    async () => {
      const repeated = new Set<string>();
      await fc.assert(
        fc.asyncProperty(fc.array(literals, { minLength: rowsOfRun, maxLength: rowsOfRun }), async (rows) => {
          await fill([...rows, ...rows.slice(0, 3)]);
          const texts = await copyTexts();
          const hashes = await readHashes();
          for (const [index, type] of types.entries()) {
            const pairs = texts.map((row, at) => [row[index] ?? '', hashes[at]?.[index] ?? ''] as const);
            if (new Set(pairs.map(([text]) => text)).size < rowsOfRun) repeated.add(type);
            expectSamePartition(type, pairs);
          }
          expectSamePartition(
            'a row of all types',
            texts.map((row, at) => [row.join('\t'), hashes[at]?.[types.length] ?? ''] as const),
          );
        }),
        { numRuns, seed, endOnFailure: true, reporter: showError },
      );
      // Where no text came twice, nothing would say that equal ones have equal digests.
      expect([...repeated].toSorted()).toEqual(types.toSorted());
    },
  );

  async function fill(rows: (string | null)[][]): Promise<void> {
    const cells = types.map((_, index) => rows.map((row) => row[index] ?? null));
    const parameters = types.map((_, index) => `$${index + 1}::text[]`).join(', ');
    const values = types.map((type, index) => `${name(index)}::${type.replace(/ collate .*/, '')}`).join(', ');
    await client.query('truncate rows');
    await client.query(
      `insert into rows select ${values}, id from unnest(${parameters}) with ordinality as t (${types.map((_, index) => name(index)).join(', ')}, id)`,
      cells,
    );
  }

  /** The fields of each row, as COPY writes them. */
  async function copyTexts(): Promise<string[][]> {
    const { stdout, stderr } = await server().runTool({
      tool: 'psql',
      args: ['--no-psqlrc', '--command=copy (select * from rows order by id) to stdout'],
      ...admin,
      timeoutMs: 60_000,
    });
    expect(stderr).toBe('');
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t').slice(0, -1));
  }

  /** The two hashes of each column, and of the row, for each row. */
  async function readHashes(): Promise<string[][]> {
    const ofColumns = types.map((_, index) => columns.filter((column) => column.name === name(index)));
    const both = [...ofColumns, columns.filter((column) => column.name !== 'id')].map((some) =>
      rowHashes(some).join(" || ' ' || "),
    );
    const { rows } = await client.query<string[]>({
      text: `select ${both.join(', ')} from rows as t order by id`,
      rowMode: 'array',
    });
    return rows;
  }
});

function name(index: number): string {
  return `c${String(index).padStart(3, '0')}`;
}

/** Each text has one digest, and each digest one text. */
function expectSamePartition(type: string, pairs: (readonly [text: string, hash: string])[]): void {
  const hashOf = new Map<string, string>();
  const textOf = new Map<string, string>();
  for (const [text, hash] of pairs) {
    expect([type, text, hashOf.get(text) ?? hash]).toEqual([type, text, hash]);
    expect([type, hash, textOf.get(hash) ?? text]).toEqual([type, hash, text]);
    hashOf.set(text, hash);
    textOf.set(hash, text);
  }
}

/** The error alone: hundreds of rows of all types say nothing more. */
function showError<Ts>({ errorInstance, failed }: fc.RunDetails<Ts>): void {
  if (failed) throw errorInstance;
}
