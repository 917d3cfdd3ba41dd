import { link, mkdir, symlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { findNewestHere } from '../../backup/origin/newest-here.ts';
import { lookAtDumps } from './dumps.ts';

/** Folders as tools leave them, the newest file of the database shop, and what a profile has to say of them. */
test.for([
  [
    'prodrigestivill/postgres-backup-local',
    {
      'last/shop-20260209-030000.sql.gz': [
        'daily/shop-20260209.sql.gz',
        'weekly/shop-202607.sql.gz',
        'monthly/shop-202602.sql.gz',
      ],
      'last/shop-20260208-030000.sql.gz': ['daily/shop-20260208.sql.gz'],
      'weekly/shop-202606.sql.gz': [],
      'last/shop-latest.sql.gz': '-> shop-20260209-030000.sql.gz',
    },
    ['shop'],
    '**/*.sql.gz',
    'last/shop-20260209-030000.sql.gz',
  ],
  [
    'tiredofit/db-backup',
    {
      'pgsql_shop_db_20260208-030000.sql.zst': [],
      'pgsql_shop_db_20260209-030000.sql.zst': [],
      'pgsql_shop_db_20260209-030000.sql.zst.md5': [],
      'pgsql_crm_db_20260209-040000.sql.zst': [],
      'latest-pgsql_shop_db.sql.zst': '-> pgsql_shop_db_20260209-030000.sql.zst',
    },
    ['crm', 'shop'],
    '*.sql.zst',
    'pgsql_shop_db_20260209-030000.sql.zst',
  ],
  [
    'kartoza/pg-backup',
    { '2026/February/PG_shop.08-February-2026.dmp': [], '2026/February/PG_shop.09-February-2026.dmp': [] },
    ['shop'],
    '**/*.dmp',
    '2026/February/PG_shop.09-February-2026.dmp',
  ],
  [
    'autopostgresqlbackup',
    {
      'daily/shop/shop_2026-02-08_03h00m.Sunday.sql.gz': [],
      'daily/shop/shop_2026-02-09_03h00m.Monday.sql.gz': [],
      'daily/postgres_globals/postgres_globals_2026-02-09_03h00m.Monday.sql.gz': [],
    },
    ['shop'],
    '**/*.sql.gz',
    'daily/shop/shop_2026-02-09_03h00m.Monday.sql.gz',
  ],
  [
    'pg_back, postgres-backup-s3',
    {
      'shop_2026-02-08T03:00:00+01:00.dump': [],
      'shop_2026-02-09T03:00:00+01:00.dump.age': [],
      'pg_globals_2026-02-09T03:00:00+01:00.sql': [],
    },
    ['shop'],
    '*{.dump,.dump.age}',
    'shop_2026-02-09T03:00:00+01:00.dump.age',
  ],
  [
    'Coolify',
    { 'pg-dump-shop-1770606000.dmp': [], 'pg-dump-shop-1770519600.dmp': [] },
    ['shop'],
    '*.dmp',
    'pg-dump-shop-1770606000.dmp',
  ],
  [
    null,
    {
      'local/shop_20260208T030000Z.dump': [],
      'local/shop_20260209T030000Z.dump': [],
      'local/shop_20260209T030000Z.manifest.json': [],
    },
    ['shop'],
    null,
    'local/shop_20260209T030000Z.dump',
  ],
] as const)(
  'the folder of %s (null: ours) is rehearsed by its pattern, and the newest is found',
  async ([tool, files, databases, pattern, newest]) => {
    const directory = await makeFolder(files);
    const found = await lookAtDumps(dirname(directory), directory);
    expect(found).toMatchObject({ tool, pattern });
    expect(found?.databases.map(({ name }) => name)).toEqual(databases);
    expect(found?.databases.find(({ name }) => name === 'shop')?.newest).toBe(join(directory, newest));
    if (pattern === null) return;
    const drilled = await findNewestHere({ directory, pattern, database: 'shop', now: new Date() });
    expect(drilled.set?.dump).toBe(join(directory, newest));
  },
);

test.for([
  ['shop-20260201-030000.sql.gz', 'shop'],
  ['shop-latest.sql.gz', 'shop'],
  ['my-shop_2026-02-09.dump.age', 'my-shop'],
  ["it's -rf $(id) 2026-02-09.sql", "it's -rf $(id) "],
  ['latest.dump', null],
  ['backup_2026-02-09.sql', null],
] as const)('the name of the dump %s says the database %s', async ([file, name]) => {
  const directory = await makeFolder({ [file]: [] });
  const found = await lookAtDumps(dirname(directory), directory);
  expect(found?.databases.map((each) => each.name)).toEqual(name === null ? [] : [name]);
});

const weekAgo = new Date('2026-02-02T03:00:00Z');

async function makeFolder(files: Record<string, readonly string[] | string>): Promise<string> {
  const whole = Object.entries(files).filter(([, also]) => typeof also !== 'string');
  const directory = await makeWorkspace(Object.fromEntries(whole.map(([name]) => [name, name])));
  for (const [name, also] of Object.entries(files)) {
    // Of a name that says a week alone, the file has to say when.
    if (typeof also !== 'string') await utimes(join(directory, name), weekAgo, weekAgo);
    for (const other of typeof also === 'string' ? [] : also) {
      await mkdir(dirname(join(directory, other)), { recursive: true });
      await link(join(directory, name), join(directory, other));
    }
    if (typeof also === 'string') await symlink(also.slice(3), join(directory, name));
  }
  return directory;
}
