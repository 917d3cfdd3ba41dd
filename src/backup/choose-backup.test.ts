import { describe, expect, test } from 'vitest';
import type { BackupPart } from './backup-name.ts';
import { setOf } from './backup-set.ts';
import { chooseBackup } from './choose-backup.ts';
import type { StoredBackup } from './inventory.ts';

const now = new Date('2026-02-10T12:00:00Z');
const whole: BackupPart[] = ['dump', 'manifest', 'checksum'];

function stored(day: string, parts: BackupPart[]): StoredBackup {
  const stem = `shop_${day}T030000Z`;
  const takenAt = new Date(`${day.replace(/(....)(..)(..)/, '$1-$2-$3')}T03:00:00Z`);
  return { stem, takenAt, files: setOf(`/backups/${stem}`), parts: new Set(parts) };
}

describe('the backup that is rehearsed', () => {
  test('is the newest whole one; newer ones are reported with the reason', () => {
    const backups = [
      stored('20260211', whole),
      stored('20260210', ['manifest', 'checksum']),
      stored('20260209', ['dump', 'checksum']),
      stored('20260208', ['dump', 'manifest']),
      stored('20260207', whole),
      stored('20260206', whole),
    ];
    const { chosen, passedOver } = chooseBackup(backups, now);
    expect(chosen?.stem).toBe('shop_20260207T030000Z');
    expect(passedOver).toEqual([
      { stem: 'shop_20260211T030000Z', reason: 'its name says a time that is still to come' },
      { stem: 'shop_20260210T030000Z', reason: 'it has no dump' },
      { stem: 'shop_20260209T030000Z', reason: 'it has no manifest' },
      { stem: 'shop_20260208T030000Z', reason: 'it has no checksum' },
    ]);
  });

  test('may be a dump that a person took, beside those that have manifests', () => {
    const { chosen, passedOver } = chooseBackup([stored('20260210', ['dump']), stored('20260209', whole)], now);
    expect(chosen?.stem).toBe('shop_20260210T030000Z');
    expect(passedOver).toEqual([]);
  });

  test('may be a dump alone where nobody writes manifests', () => {
    const { chosen, passedOver } = chooseBackup([stored('20260210', ['dump']), stored('20260209', ['dump'])], now);
    expect(chosen?.stem).toBe('shop_20260210T030000Z');
    expect(passedOver).toEqual([]);
  });

  test.each([[[]], [[stored('20260210', ['checksum'])]], [[stored('20260210', ['dump', 'manifest'])]]])(
    'is none where there is none that is whole (%#)',
    (backups) => {
      expect(chooseBackup(backups, now)).toMatchObject({
        chosen: null,
        passedOver: backups.map(({ stem }) => ({ stem })),
      });
    },
  );
});
