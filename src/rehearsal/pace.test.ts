import { expect, test } from 'vitest';
import { makeDrill } from '../../fixtures/testing/drills.ts';
import { describePace, paceOfBackup, paceOfSeed } from './pace.ts';

const here = { fsync: 'off', shared_buffers: '128MB', wal_level: 'minimal' };

test('without --faithful the settings of production are named beside those of the drill', async () => {
  const drill = await makeDrill({});
  const recorded = { fsync: 'on', shared_buffers: '128MB', wal_level: 'replica' };
  const described = describePace(paceOfBackup(drill, recorded, 'x.dump'), here, 15);
  expect(described.environment).toEqual({
    settingsFrom: 'throwaway',
    unlikeProduction: [
      { name: 'fsync', here: 'off', production: 'on' },
      { name: 'wal_level', here: 'minimal', production: 'replica' },
      { name: 'CREATE DATABASE strategy', here: 'file_copy', production: 'wal_log' },
    ],
  });
  expect(described.coverage.notChecked).toMatchObject([{ why: expect.stringContaining('--faithful') as string }]);
});

test('where nothing says how production has them, those that nobody would have are named', async () => {
  const drill = await makeDrill({});
  // Before PostgreSQL 15, there is one way to create a database.
  expect(describePace(paceOfBackup(drill, null, 'x.dump'), here, 14).environment.unlikeProduction).toEqual([
    { name: 'fsync', here: 'off', production: null },
    { name: 'wal_level', here: 'minimal', production: null },
  ]);
});

test('with it, a backup has to say how production has them; seeded data has none', async () => {
  const drill = await makeDrill({}, { faithful: true });
  expect(() => paceOfBackup(drill, null, 'x.dump')).toThrow(/nothing beside x\.dump says .* Take a backup .*backup/);
  const pace = paceOfBackup(drill, { fsync: 'on', shared_buffers: '900TB' }, 'x.dump');
  expect(pace).toMatchObject({ from: 'production', settings: { fsync: 'on' } });
  expect(describePace(pace, here, 15).coverage.notChecked[0]?.why).toContain('shared_buffers from 900TB to ');
  expect(paceOfSeed(drill)).toMatchObject({ from: 'stock', settings: { fsync: 'on', wal_level: 'replica' } });
});
