import { expect, test } from 'vitest';
import { AmcheckReader, withoutProgress } from './amcheck-progress.ts';

/** As pg_amcheck 15 writes it, where a person may have called anything as he likes. */
const said = [
  'pg_amcheck: including database "shop"\n',
  'pg_amcheck: in database "shop": using amcheck version "1.3" in schema "pg_catalog"\n',
  '  0/275 relations (0%),     0/50470 pages (0%)                                      \n',
  'pg_amcheck: checking heap table "shop.public.big"\n',
  ' 12/275 relations (4%),  1000/50470 pages (1%)                                      \r',
  'pg_amcheck: checking btree index "shop.other.a "b"."\n',
];

test('what pg_amcheck says is read in whatever pieces it comes', () => {
  for (const size of [1, 7, 10_000]) {
    const reader = new AmcheckReader();
    const text = said.join('');
    const seen = Array.from({ length: Math.ceil(text.length / size) }, (_, n) =>
      reader.see(text.slice(n * size, (n + 1) * size)),
    );
    expect(seen.at(-1)).toEqual({
      relation: 'index other.a "b".',
      doneBytes: 1000 * 8192,
      totalBytes: 50_470 * 8192,
    });
    expect(seen[0]).toMatchObject(size === 10_000 ? {} : { relation: null, totalBytes: 0 });
  }
});

test('of what it found, nothing is lost', () => {
  const found = 'btree index "shop.public.big_t_idx":\n    ERROR:  heap tuple (0,1) lacks matching index tuple\n';
  const failed = 'pg_amcheck: error: could not connect to database shop\n';
  const log = [...said.slice(0, 4), found, ...said.slice(4), failed].join('');
  expect(withoutProgress(log)).toBe(`${found}${failed}`);
});
