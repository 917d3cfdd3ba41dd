import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binaryArray, binaryValues, flipBits } from '../../fixtures/testing/binary-values.ts';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { connect } from '../../fixtures/testing/sessions.ts';
import { disconnect } from '../postgres/connection.ts';
import { digestQuery, formatDigest, rowHashes, type DigestColumn } from './digest-query.ts';
import { digestVersions, rowHashings, type DigestVersion } from './digest-version.ts';

describeEitherEngine('the digest of a row', (engine) => {
  const server = useServer(engine);
  let client: pg.Client;
  beforeAll(async () => {
    client = await connect(await createTestDatabase(server()));
  });
  afterAll(() => disconnect(client));

  test('is tried with every type that is hashed as it is', () => {
    const hashed = digestVersions.flatMap((version) => Object.keys(rowHashings[version].hashed));
    expect(Object.keys(binaryValues).toSorted()).toEqual([...new Set(hashed)].toSorted());
  });

  describe.each(Object.entries(binaryValues))('of type %s', (type, { values, isValue }) => {
    const column = (name: string): DigestColumn => ({ name, type, deterministic: true });

    test.each(values)('changes with every bit and every two bits of %s', async (value) => {
      const flipped = flipsOf(value);
      expect(flipped.length).toBeGreaterThan(0);
      await expectDistinct([column('a')], [[Buffer.from(value, 'hex'), ...flipped]]);
    });

    test('changes where a bit changes in each of two columns, and where they swap their values', async () => {
      const [first = '', second = first] = values;
      const ofOneBit = (hex: string) => flipsOf(hex).slice(0, hex.length * 4);
      const [left, right] = [first, second].map((hex) => [Buffer.from(hex, 'hex'), ...ofOneBit(hex)]);
      const pairs = (left ?? []).flatMap((a) => (right ?? []).map((b): [Buffer, Buffer] => [a, b]));
      const swapped = pairs.map(([a, b]): [Buffer, Buffer] => [b, a]);
      const rows = [
        ...new Map([...pairs, ...swapped].map((row) => [row.map((each) => each.toString('hex')).join(), row])).values(),
      ];
      await expectDistinct([column('a'), column('b')], [rows.map(([a]) => a), rows.map(([, b]) => b)]);
    });

    /** Values that PostgreSQL takes, and takes for other ones. */
    function flipsOf(value: string): Buffer[] {
      const original = Buffer.from(value, 'hex');
      return flipBits(original).filter((bytes) => isValue(bytes, original));
    }

    /** Both hashes, each for itself, differ from row to row: 64 bits give no two alike by chance. */
    async function expectDistinct(columns: DigestColumn[], cells: Buffer[][]): Promise<void> {
      const hashes = await hash(columns, cells, 2);
      expect(new Set(hashes.map(({ low }) => low)).size).toBe(hashes.length);
      expect(new Set(hashes.map(({ high }) => high)).size).toBe(hashes.length);
      expect(hashes).toHaveLength(cells[0]?.length ?? 0);
    }
  });

  // The tests above would prove nothing if they could not see it.
  test('of version 1 is blind to two bits of an int8, and these tests see that', async () => {
    const original = Buffer.from('0000000000000001', 'hex');
    const column = { name: 'a', type: 'int8', deterministic: true };
    const hashes = await hash([column], [[original, ...flipBits(original)]], 1);
    expect(new Set(hashes.map(({ low }) => low)).size).toBeLessThan(hashes.length);
  });

  test.each([
    { version: 1 as const, isWide: false },
    { version: 2 as const, isWide: true },
  ])('has 64 bits in each half: $isWide for version $version', async ({ version, isWide }) => {
    // Of 300,000 numbers with 32 bits, about ten are alike by chance; with 64 bits, none.
    const [low, high] = rowHashes([{ name: 'value', type: 'int4', deterministic: true }], version);
    const { rows } = await client.query<{ low: boolean; high: boolean }>(`
      select count(distinct ${low}) = count(*) as low, count(distinct ${high}) = count(*) as high
      from pg_catalog.generate_series(1, 300000) as t (value)`);
    expect(rows).toEqual([{ low: isWide, high: isWide }]);
  });

  describe('is the one that manifests hold, in version', () => {
    const rows = `(values
      (1::int8, 'a', 1.0::numeric, '{"a": 1}'::jsonb, timestamptz '2026-02-09 03:00Z', 'A' collate "C"),
      (2, null, 1.00, null, null, 'a'),
      (3, '', null, '[]', timestamptz '1999-12-31 23:59Z', null)
    ) as t (id, name, amount, extra, at, word)`;
    const typed = (name: string, type: string | null, deterministic = true) => ({ name, type, deterministic });
    const columns = [
      ...[typed('amount', null), typed('at', 'timestamptz'), typed('extra', 'jsonb'), typed('id', 'int8')],
      ...[typed('name', 'text'), typed('word', 'text', false)],
    ];
    const read = async (query: string) => {
      const { rows: found } = await client.query<{ rows: string; low: string; high: string }>(query);
      return found.map(({ rows: count, low, high }) => `${count} ${formatDigest(low, high)}`).join();
    };

    test.each([
      {
        version: 1 as const,
        all: '384b18fdf171e2f88f2b3c729f731756',
        some: '64ed1369cf4a30cf8fe8a847b348cc45',
        whole: '7e93f5bbe8ecdfd5fe83806a986c18af',
      },
      {
        version: 2 as const,
        all: 'b1c6f447cf9b654cf7e25c107f1582ad',
        some: '0bfe41c706331f61c2948191291b9997',
        whole: '9a9ba3a30f8bc048873911e11a8d3798',
      },
    ])('$version', async ({ version, all, some, whole }) => {
      await client.query("set timezone = 'UTC'");
      await client.query(`create table of_version_${version} as select * from ${rows}`);
      const from = `of_version_${version}`;
      expect(await read(digestQuery(from, columns, version))).toBe(`3 ${all}`);
      expect(await read(digestQuery({ query: `select * from ${rows}` }, columns, version))).toBe(`3 ${all}`);
      expect(await read(digestQuery(from, columns, version, 'where id > 1'))).toBe(`2 ${some}`);
      expect(await read(digestQuery(from, [typed('id', 'int8')], version))).toBe(`3 ${whole}`);
      expect(await read(digestQuery(from, columns, version, 'where false'))).toBe(`0 ${'0'.repeat(32)}`);
    });
  });

  test('is computed by several processes, from a record that is made once for each row', async () => {
    await client.query(
      'create table many as select n as id, n::text as note from pg_catalog.generate_series(1, 1000) as n',
    );
    await client.query('set min_parallel_table_scan_size = 0; set parallel_setup_cost = 0');
    const query = digestQuery('many', [
      { name: 'id', type: 'int4', deterministic: true },
      { name: 'note', type: 'text', deterministic: true },
    ]);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (verbose) ${query}`);
    const plan = rows.map((line) => line['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Partial Aggregate[^]*Parallel Seq Scan [^\n]*\n +Output: ROW\(t\.id, t\.note\)/);
  });

  test('is taken of as many columns as a table can have', async () => {
    const names = Array.from({ length: 1600 }, (_, index) => `c${String(index).padStart(4, '0')}`);
    await client.query(`create table wide (${names.map((name) => `${name} int8`).join(', ')})`);
    await client.query('insert into wide default values');
    const columns = names.map((name) => ({ name, type: 'int8', deterministic: true }));
    const seen: unknown[] = [];
    for (const change of [
      '',
      'update wide set c0000 = 1',
      'update wide set c1599 = 1',
      'update wide set c1599 = 4294967296',
    ]) {
      await client.query(change);
      seen.push((await client.query(digestQuery('wide', columns))).rows[0]);
    }
    expect(seen).toHaveLength(4);
    expect(new Set(seen.map((sums) => JSON.stringify(sums))).size).toBe(4);
    expect(seen[0]).toMatchObject({ rows: '1' });
  });

  async function hash(columns: DigestColumn[], cells: Buffer[][], version: DigestVersion) {
    const type = columns[0]?.type ?? '';
    const { rows: types } = await client.query<{ oid: number }>('select $1::pg_catalog.regtype::oid', [`"${type}"`]);
    const arrays = columns.map((_, index) => `$${index + 1}::pg_catalog."${type}"[]`);
    const [low, high] = rowHashes(columns, version);
    const { rows } = await client.query<{ low: string; high: string }>(
      `select ${low} as low, ${high} as high
      from unnest(${arrays.join(', ')}) as t (${columns.map(({ name }) => name).join(', ')})`,
      cells.map((values) => binaryArray(values, types[0]?.oid ?? 0)),
    );
    return rows;
  }
});
