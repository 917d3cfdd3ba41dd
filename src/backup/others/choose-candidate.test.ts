import { describe, expect, test } from 'vitest';
import { chooseCandidate, type Candidate } from './choose-candidate.ts';
import { readOthersName } from './read-name.ts';
import { findTime } from './time-in-name.ts';

describe('the time in a name', () => {
  test.for([
    ['haircuttgbot_20260209T094803Z.dump', '2026-02-09T09:48:03.000Z', 'second'],
    ['shop-20260201-030000.sql.gz', '2026-02-01T03:00:00.000Z', 'second'],
    ['shop_2026-02-01T03:00:00+01:00.dump', '2026-02-01T02:00:00.000Z', 'second'],
    ['shop_2026-02-01_03h05m.Sunday.sql.gz', '2026-02-01T03:05:00.000Z', 'second'],
    ['PG_gis.01-February-2026.dmp', '2026-02-01T00:00:00.000Z', 'day'],
    ['PG_gis.01-February-2026-23-15.dmp', '2026-02-01T23:15:00.000Z', 'second'],
    ['db_cluster-01-02-2026@03-00-00.backup.gz', '2026-02-01T03:00:00.000Z', 'second'],
    ['pg-dump-shop-1769914800.dmp', '2026-02-01T03:00:00.000Z', 'second'],
    ['Cloud_SQL_Export_2026-02-01 (03:00:00).gz', '2026-02-01T03:00:00.000Z', 'second'],
    ['db_2026-02-01.sql', '2026-02-01T00:00:00.000Z', 'day'],
    ['2026/02/01/shop.dump', '2026-02-01T00:00:00.000Z', 'day'],
    ['2026-02-01T03:00:00.000Z.sql.gz', '2026-02-01T03:00:00.000Z', 'second'],
  ])('%s is %s', ([name = '', takenAt, precision]) => {
    const time = findTime(name);
    expect([time?.takenAt.toISOString(), time?.precision]).toEqual([takenAt, precision]);
  });

  test.for(['latest.dump', 'shop-202605.sql.gz', 'shop_20260231T000000Z.dump', 'shop-v1.2026.dump', 'a_123456789.sql'])(
    '%s says none',
    (name) => {
      expect(findTime(name)).toBeNull();
    },
  );
});

describe('the database in a name', () => {
  test.for([
    ['last/shop-20260201-030000.sql.gz', 'this', 'prodrigestivill/postgres-backup-local'],
    ['last/shop_prod-20260201-030000.sql.gz', 'other', 'prodrigestivill/postgres-backup-local'],
    ['pgsql_shop_db_20260201-030000.sql.zst', 'this', 'tiredofit/db-backup'],
    ['2026/February/PG_shop.01-February-2026.dmp', 'this', 'kartoza/pg-backup'],
    ['2026/02/01/dump-20260201-030000-0b1e3b0e-7d5c-4b5e-9a41-2d9c4f0f1a2b.zip', 'unknown', 'eduardolat/pgbackweb'],
    ['latest.dump', 'unknown', 'Heroku'],
    ['pg-dump-shop-1769914800.dmp', 'this', 'Coolify'],
    ['shop_20260201T030000Z.dump', 'this', 'restore-rehearsal, or its runbook'],
    ['backup_2026-02-01.sql', 'unknown', null],
    ['shop_backup_2026-02-01.sql', 'this', 'pg_back, postgres-backup-s3'],
    ['shop_2026-02-01T03:00:00Z.sql.gz', 'this', 'pg_back, postgres-backup-s3'],
    ['my-shop-backup-2026-02-01.sql', 'unknown', null],
    ['crm-backup-2026-02-01.sql', 'other', null],
  ] as const)('%s: %s', ([path, isOf, tool]) => {
    const name = readOthersName(path, 'shop');
    expect({ isOf: name.isOf, tool: path.startsWith('backup_') ? null : name.tool }).toEqual({ isOf, tool });
  });
});

const now = new Date('2026-02-10T12:00:00Z');

function at(path: string, changes: Partial<Candidate> = {}): Candidate {
  return { path, sizeBytes: 1, changedAt: new Date('2026-02-09T03:00:00Z'), header: null, ...changes };
}

function choose(...candidates: Candidate[]) {
  const { chosen, passedOver, older } = chooseCandidate(candidates, { database: 'shop', now });
  return { path: chosen?.candidate.path ?? null, by: chosen?.by, at: chosen?.takenAt.toISOString(), passedOver, older };
}

describe('of the files of other tools', () => {
  test('the newest by name is taken, whatever was copied last', () => {
    const old = at('shop-20260201-030000.sql', { changedAt: new Date('2026-02-10T11:00:00Z') });
    expect(choose(old, at('shop-20260203-030000.sql'))).toMatchObject({ path: 'shop-20260203-030000.sql', older: 1 });
  });

  test('a name without a time leaves it to the header, and then to the file', () => {
    const madeAt = new Date('2026-02-08T03:00:00Z');
    const named = { path: 'latest.dump', passedOver: [] };
    const header = { database: 'shop', madeAt };
    expect(choose(at('latest.dump', { header }))).toMatchObject({ ...named, at: madeAt.toISOString() });
    expect(choose(at('latest.dump'))).toMatchObject({ ...named, by: 'the last change of the file' });
  });

  test('a name that says a day alone takes the hour from a file of that day, and its start otherwise', () => {
    const sameDay = choose(at('shop-2026-02-09.sql'));
    expect(sameDay).toMatchObject({ at: '2026-02-09T03:00:00.000Z', by: 'the last change of the file' });
    expect(choose(at('shop-2026-02-05.sql'))).toMatchObject({ at: '2026-02-05T00:00:00.000Z' });
  });

  test('those of other databases, of the whole server, unfinished ones and those of tomorrow are passed over', () => {
    const result = choose(
      at('last/shop-20260201-030000.sql.gz'),
      at('last/crm-20260205-030000.sql.gz'),
      at('globals-20260206.sql'),
      at('all_2026-02-06T00:11:37Z.sql.gz'),
      at('last/shop-20260207-030000.sql.gz.tmp'),
      at('backup-20260208-030000.dump', { header: { database: 'crm', madeAt: null } }),
      at('shop-20270101-030000.sql'),
    );
    expect(result.path).toBe('last/shop-20260201-030000.sql.gz');
    expect(Object.fromEntries(result.passedOver.map(({ stem, reason, isOther }) => [stem, [reason, isOther]]))).toEqual(
      {
        'shop-20270101-030000.sql': ['its name says a time that is still to come', undefined],
        'backup-20260208-030000.dump': ['it is a dump of the database crm', true],
        'last/shop-20260207-030000.sql.gz.tmp': ['its name says that it is not finished', undefined],
        'all_2026-02-06T00:11:37Z.sql.gz': ['its name says that it is of the whole server, or of its roles', true],
        'globals-20260206.sql': ['its name says that it is of the whole server, or of its roles', true],
        'last/crm-20260205-030000.sql.gz': ['its name does not say shop', true],
      },
    );
  });

  test('where no database is asked for, the newest of any is taken', () => {
    const candidates = [at('shop-20260201.sql'), at('crm-20260203.sql')];
    const { chosen } = chooseCandidate(candidates, { database: '', now });
    expect(chosen?.candidate.path).toBe('crm-20260203.sql');
  });

  test('an empty one that is the newest is taken: it is what a restore would find', () => {
    expect(choose(at('shop-20260209.sql', { sizeBytes: 0 }), at('shop-20260208.sql')).path).toBe('shop-20260209.sql');
  });
});
