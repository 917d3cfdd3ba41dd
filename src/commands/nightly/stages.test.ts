import { expect, test } from 'vitest';
import type { Verdict } from '../../evidence/schema.ts';
import type { Night, StageResult } from './stage.ts';
import { stageNames, stages } from './stages.ts';

const rehearsed = (verdict: Verdict): StageResult => ({
  ...{ stage: 'rehearse', durationMs: 1, status: 'done', verdict, facts: {} },
  problem: verdict === 'verified' ? null : { code: 'X', message: 'x' },
});
const notBegun: StageResult = { stage: 'rehearse', durationMs: 0, status: 'left-out', reason: 'interrupted' };
const after = (results: StageResult[]) => stages.prune.obstacle({ results } as unknown as Night);

test('what was rehearsed comes before what is deleted', () => {
  expect(stageNames).toEqual(['backup', 'offsite', 'rehearse', 'prune']);
});

test.for([
  ['not verified', [rehearsed('not-verified')]],
  ['not run to its end', [rehearsed('could-not-run')]],
  ['not begun', [notBegun]],
  ['not there', []],
] as const)('nothing is deleted after a rehearsal that is %s', ([, results]) => {
  expect(after([...results])).toMatch(/nothing is deleted before/);
});

test('after one that is verified, it is', () => {
  expect(after([rehearsed('verified')])).toBeNull();
});
