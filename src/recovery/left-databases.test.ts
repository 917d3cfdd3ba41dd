import { expect, test } from 'vitest';
import { listLeft } from './left-databases.ts';
import type { Mark } from './marks.ts';

const about = {
  tool: 'restore-rehearsal',
  database: 'shop',
  backup: 'a'.repeat(64),
  takenAt: '2026-02-09T09:48:03.000Z',
} as const;
const database = (name: string, mark: Mark | null) => ({ oid: '1', name, mark, unfinished: false, inUse: false });

test('what bears a mark of the live database is left; what does not, is live or is of another is not', () => {
  const left = listLeft(
    [
      database('shop', { ...about, state: 'live', comment: null }),
      database('shop_restore_20260209T094803Z', { ...about, state: 'verified' }),
      database('shop_restore_by_hand', null),
      database('others', { ...about, database: 'other', state: 'verified' }),
      database('shop_before_20260209T100000Z', {
        ...about,
        ...{ state: 'kept', successor: '2', replacedAt: '2026-02-09T10:00:00.000Z', comment: null },
      }),
    ],
    'shop',
  );
  expect(left.map(({ name, about: text }) => `${name}: ${text}`)).toEqual([
    'shop_restore_20260209T094803Z: the backup of 2026-02-09T09:48:03.000Z, restored and verified',
    'shop_before_20260209T100000Z: what was live until 2026-02-09T10:00:00.000Z: a rollback needs it',
  ]);
});
