import fc from 'fast-check';
import { join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { backupParts, backupStem, parseBackupName, type BackupPart } from './backup-name.ts';

const takenAt = new Date('2026-02-09T09:48:03.999Z');

test('a backup has the name that the runbook gives it', () => {
  expect(backupStem('haircuttgbot', takenAt)).toBe('haircuttgbot_20260209T094803Z');
});

test.each(Object.keys(backupParts) as BackupPart[])('the %s is known by its name', (part) => {
  expect(parseBackupName(`shop_20260209T094803Z${backupParts[part]}`, 'shop')).toEqual({
    stem: 'shop_20260209T094803Z',
    part,
    takenAt: new Date('2026-02-09T09:48:03Z'),
  });
});

test.each([
  ['another database', 'shop_old_20260209T094803Z.dump'],
  ['a database whose name starts alike', 'shopping_20260209T094803Z.dump'],
  ['no time', 'shop_.dump'],
  ['a day that there is not', 'shop_20260231T094803Z.dump'],
  ['an hour that there is not', 'shop_20260209T250000Z.dump'],
  ['local time', 'shop_20260209T094803.dump'],
  ['a copy', 'shop_20260209T094803Z.dump.bak'],
  ['a draft', '.shop_20260209T094803Z.dump'],
  ['something after a line feed', 'shop_20260209T094803Z.dump\n'],
  ['another suffix', 'shop_20260209T094803Z.sql'],
])('the name of %s is none of ours', (_, name) => {
  expect(parseBackupName(name, 'shop')).toBeNull();
});

test('any database and any time have a name that stays in its directory and is read again', () => {
  const time = fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'binary' }), time, (database, moment) => {
      const stem = backupStem(database, moment);
      expect(normalize(join('/backups', stem)).slice('/backups/'.length)).toBe(stem);
      expect(stem).not.toMatch(/^\.|\//);
      const seconds = new Date(Math.floor(moment.getTime() / 1000) * 1000);
      expect(parseBackupName(`${stem}.dump`, database)).toEqual({ stem, part: 'dump', takenAt: seconds });
    }),
  );
});
