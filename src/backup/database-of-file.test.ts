import { expect, test } from 'vitest';
import { databaseOfFile } from './database-of-file.ts';

test.for([
  ['shop.dump', 'shop'],
  ['/backups/shop_20260209T094803Z.dump', 'shop'],
  ['shop-2026-02-09.sql.gz', 'shop'],
  ['shop_2026-02-09_03-00-01.sql.zst', 'shop'],
  ['shop-20260209-030001.sql.gz', 'shop'],
  ['my.shop.backup', 'my.shop'],
  ['dumps/shop.dir', 'shop'],
  ['shop_v2.tar.gz', 'shop_v2'],
  ['shop.sql.gz.age', 'shop'],
  ["it's $(here).dump", "it's $(here)"],
  ['2026-02-09.sql.gz', null],
  ['.sql', null],
  ['template1.sql', null],
  ['12345.dump', null],
  [`${'x'.repeat(64)}.dump`, null],
] as const)('the file %s is of the database %s', ([file, database]) => {
  expect(databaseOfFile(file)).toBe(database);
});
