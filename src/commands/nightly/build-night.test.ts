import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { buildEvidence } from '../../evidence/build.ts';
import { evidenceSchema } from '../../evidence/schema.ts';
import { buildNight } from './build-night.ts';
import { renderStages } from './show-stages.ts';
import type { StageName, StageResult } from './stage.ts';

const good = (stage: StageName): StageResult => ({
  ...{ stage, durationMs: 1200, status: 'done', verdict: 'verified', problem: null },
  facts: { file: 'shop.dump' },
});
const failed = (stage: StageName): StageResult => ({
  ...{ stage, durationMs: 5, status: 'done', verdict: 'could-not-run', facts: {} },
  problem: { code: 'SERVER_LOST', message: 'Nobody answers.' },
});
const refuted: StageResult = {
  ...{ stage: 'rehearse', durationMs: 5, status: 'done', verdict: 'not-verified', facts: {} },
  problem: { code: 'NOT_VERIFIED', message: 'TABLE_SHRANK' },
};
const none = (stage: StageName): StageResult => ({
  stage,
  durationMs: 0,
  status: 'not-configured',
  reason: 'no word of it',
});
const leftOut = (stage: StageName): StageResult => ({ stage, durationMs: 0, status: 'left-out', reason: 'too early' });

function evidenceOf(results: StageResult[]) {
  const at = new Date('2026-02-09T02:17:00.000Z');
  const about = { profile: 'shop', database: 'shop', host: 'db1', label: null };
  const run = { id: randomUUID(), rehearsal: 'nightly', startedAt: at, finishedAt: at, about };
  const shared = {
    trigger: { by: 'cron', ci: null, commit: null, dirty: null, commitReason: null },
    host: { harness: '1', node: '20', os: 'Linux' },
    targets: { rtoMs: 1, rpoMs: 1 },
  };
  return buildEvidence({ ...run, ...shared, errors: [], leftBehind: [], undelivered: [] }, buildNight(results));
}

test.for([
  ['all stages', [good('backup'), good('offsite'), good('rehearse'), good('prune')], 'verified'],
  ['a rehearsal alone', [none('backup'), none('offsite'), good('rehearse'), none('prune')], 'verified'],
  ['no backup', [failed('backup'), good('offsite'), good('rehearse'), good('prune')], 'could-not-run'],
  ['no copy', [good('backup'), failed('offsite'), good('rehearse'), good('prune')], 'could-not-run'],
  ['nothing deleted', [good('backup'), good('offsite'), good('rehearse'), failed('prune')], 'could-not-run'],
  ['a bad backup', [good('backup'), good('offsite'), refuted, leftOut('prune')], 'not-verified'],
  ['a bad backup, and no copy', [good('backup'), failed('offsite'), refuted, leftOut('prune')], 'not-verified'],
  ['an interruption', [failed('backup'), leftOut('offsite'), leftOut('rehearse'), leftOut('prune')], 'could-not-run'],
  [
    'nothing but an interruption',
    [leftOut('backup'), leftOut('offsite'), leftOut('rehearse'), leftOut('prune')],
    'could-not-run',
  ],
] as const)('%s: %s', ([, results, verdict]) => {
  expect(evidenceOf([...results]).verdict).toBe(verdict);
});

test('each stage has a check, and each that is a part of the night a step', () => {
  const evidence = evidenceSchema.parse(
    evidenceOf([failed('backup'), none('offsite'), good('rehearse'), leftOut('prune')]),
  );
  expect(evidence.checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
    'backup-taken not-run',
    'off-host-copy not-applicable',
    'restore-rehearsed passed',
    'retention-applied not-run',
  ]);
  expect(evidence.steps.map(({ name, status, error }) => [name, status, error?.code ?? null])).toEqual([
    ['Take a backup', 'failed', 'SERVER_LOST'],
    ['Rehearse a restore', 'passed', null],
    ['Delete old backups', 'skipped', null],
  ]);
  expect(evidence.coverage.notChecked).toEqual([
    { what: 'Copy backups off-host', why: 'not configured: no word of it' },
  ]);
});

test('the terminal has a line for each stage', () => {
  expect(renderStages([failed('backup'), none('offsite'), good('rehearse'), leftOut('prune')])).toBe(
    [
      '  ✖ Take a backup          SERVER_LOST: Nobody answers.',
      '  - Copy backups off-host  not configured: no word of it',
      '  ✔ Rehearse a restore     1.2s',
      '  - Delete old backups     not done: too early',
    ].join('\n'),
  );
});
