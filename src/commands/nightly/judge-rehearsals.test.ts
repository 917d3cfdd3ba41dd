import { expect, test } from 'vitest';
import type { TakenBackup } from '../../backup/take-backup.ts';
import type { Evidence } from '../../evidence/schema.ts';
import { judgeRehearsals } from './judge-rehearsals.ts';

const taken = { set: { dump: '/backups/shop_20260209T021700Z.dump' } } as TakenBackup;

function outcome(verdict: Evidence['verdict'], file: string | null, rehearsal = 'latest-backup') {
  const about = { database: 'shop', label: null, data: file === null ? 'seeded' : 'backup' };
  const subject = file === null ? null : { file };
  const evidence = { rehearsal, verdict, about, subject, findings: [], steps: [], checks: [] } as unknown as Evidence;
  return { evidence, directory: `20260209T021800Z-${rehearsal}` };
}

test.for([
  ['the backup of the night', [outcome('verified', 'shop_20260209T021700Z.dump')], 'verified'],
  ['another backup', [outcome('verified', 'shop_20260208T021700Z.dump')], 'could-not-run'],
  ['data that was seeded', [outcome('verified', null, 'clean-state')], 'verified'],
  ['nothing', [], 'could-not-run'],
  ['a backup that is bad', [outcome('not-verified', 'shop_20260209T021700Z.dump')], 'not-verified'],
  ['one good, one bad', [outcome('verified', null, 'a'), outcome('could-not-run', null, 'b')], 'could-not-run'],
] as const)('a night that rehearsed %s: %s', ([, outcomes, verdict]) => {
  const done = judgeRehearsals(outcomes, taken);
  expect(done.verdict).toBe(verdict);
  expect(done.problem === null).toBe(verdict === 'verified');
});

test('where no backup was taken, any may be rehearsed', () => {
  expect(judgeRehearsals([outcome('verified', 'shop_20260208T021700Z.dump')], null).verdict).toBe('verified');
});

test('says which backup was rehearsed in place of the one of the night', () => {
  const { problem } = judgeRehearsals([outcome('verified', 'shop_20260208T021700Z.dump')], taken);
  expect(problem?.message).toContain(
    'shop_20260208T021700Z.dump was rehearsed, and not the backup of this night, shop_20260209T021700Z.dump',
  );
});
