import { describe, expect, test } from 'vitest';
import type { ExaminedBackup } from '../steps/examine.ts';
import { newestImage } from './choose-target.ts';
import { findRemovedIn } from './removed.ts';
import { readCarriedSettings } from './settings.ts';

describe('what a function uses of what was removed', () => {
  const names = (code: string, from = 15, to = 17) => findRemovedIn(code, { from, to }).map(({ name }) => name);

  test('is found in its code, and not in comments, texts and longer names', () => {
    expect(names("begin perform pg_catalog.PG_FILE_UNLINK ('x'); end")).toEqual(['pg_file_unlink']);
    expect(names('select buffers_backend from pg_stat_bgwriter')).toEqual(['buffers_backend']);
    expect(names('set force_parallel_mode = on')).toEqual(['force_parallel_mode']);
    expect(names("-- pg_file_unlink('x')\n/* pg_file_unlink('x') */ select 'pg_file_unlink(''x'')'")).toEqual([]);
    expect(names('select my_pg_file_unlink(1), pg_file_unlink_all(2), buffers_backend from mine')).toEqual([]);
  });

  test('was there in the major of the source, and is not in the new one', () => {
    expect(names('select pg_start_backup(1)', 14, 17)).toEqual(['pg_start_backup']);
    expect(names('select pg_start_backup(1)', 15, 17)).toEqual([]);
    expect(names('select pg_file_unlink(1)', 15, 16)).toEqual([]);
  });
});

describe('the image of an upgrade', () => {
  test('is the newest that is here, else the next one', () => {
    const here = ['postgres:17-alpine', 'postgres:16-alpine', 'postgres:18', 'other:18-alpine'];
    expect(newestImage('postgres:15-alpine', here, 15)).toBe('postgres:17-alpine');
    expect(newestImage('postgres:15-alpine', [], 15)).toBe('postgres:16-alpine');
    expect(newestImage('postgres:15-alpine', here, 17)).toBe('postgres:18-alpine');
    // The profile is ahead of the backup already.
    expect(newestImage('postgres:18-alpine', [], 15)).toBe('postgres:18-alpine');
  });
});

describe('settings that a backup brings along', () => {
  const backupOf = (expected: unknown, globals: string | null) =>
    ({ expected, examination: { globals } }) as unknown as ExaminedBackup;

  test('are those of its manifest and of the roles beside it', () => {
    const snapshot = {
      state: { DATABASE_SETTING: { force_parallel_mode: 'on', 'work_mem for app': '8MB', 'app.key': 'a hash' } },
    };
    const globals = `ALTER ROLE "odd ro'le" SET force_parallel_mode TO 'on';\nALTER ROLE app SET "app.key" TO 'x';\nALTER ROLE a SET search_path TO 'x', 'y''z';`;
    expect(readCarriedSettings(backupOf({ by: 'manifest', snapshot }, globals))).toEqual([
      { of: 'the database', name: 'force_parallel_mode', value: "'on'" },
      { of: 'the role app in the database', name: 'work_mem', value: "'8MB'" },
      { of: "the role odd ro'le", name: 'force_parallel_mode', value: "'on'" },
      { of: 'the role a', name: 'search_path', value: "'x', 'y''z'" },
    ]);
  });

  test('are those of a dump that creates its database, and nothing else that stands there', () => {
    const text =
      "ALTER DATABASE shop SET force_parallel_mode TO 'on';\nALTER DATABASE shop SET x TO 'a'; DROP TABLE t;\nALTER DATABASE shop OWNER TO shop;";
    const contents = { definitions: [{ type: 'DATABASE PROPERTIES', object: 'shop', text }] };
    expect(readCarriedSettings(backupOf({ by: 'dump', contents }, null))).toEqual([
      { of: 'the database', name: 'force_parallel_mode', value: "'on'" },
    ]);
  });
});
