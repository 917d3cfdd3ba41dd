import { expect, test } from 'vitest';
import { describeNeed, estimateNeed, type Sizes } from './need.ts';

const mb = 1_000_000;
const wal = { mostBytes: 1000 * mb, presentBytes: 100 * mb, isKept: false };
const sizes: Sizes = {
  backedUpBytes: 500 * mb,
  liveBytes: 300 * mb,
  dump: { sizeBytes: 60 * mb, isPacked: true },
  wal,
};

test.each<[string, Partial<Sizes>, { database: number; wal: number }]>([
  ['as large as when it was backed up', {}, { database: 500, wal: 500 }],
  ['as large as the live one, if that is larger', { liveBytes: 700 * mb }, { database: 700, wal: 700 }],
  ['a packed dump, where no manifest says the size', { backedUpBytes: null }, { database: 360, wal: 360 }],
  [
    'a plain dump, and no live database',
    { backedUpBytes: null, liveBytes: null, dump: { sizeBytes: 60 * mb, isPacked: false } },
    { database: 120, wal: 120 },
  ],
  ['of a large one, WAL that the server keeps', { backedUpBytes: 5000 * mb }, { database: 5000, wal: 900 }],
  [
    'all of its WAL, where somebody waits for that',
    { backedUpBytes: 5000 * mb, wal: { ...wal, isKept: true } },
    { database: 5000, wal: 5000 },
  ],
])('a restore needs disk for %s', (_, changes, needed) => {
  const need = estimateNeed({ ...sizes, ...changes });
  expect(need).toMatchObject({ databaseBytes: needed.database * mb, walBytes: needed.wal * mb });
  expect(need.totalBytes).toBe((needed.database * 1.2 + needed.wal) * mb);
});

test('what it needs is said by its parts', () => {
  expect(describeNeed(estimateNeed(sizes))).toBe(
    "about 1.1 GB of the server's disk (500.0 MB of tables and indexes, 100.0 MB to build indexes, 500.0 MB of WAL)",
  );
});
