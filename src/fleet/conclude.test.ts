import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeEvidence, runFacts } from '../../fixtures/testing/evidence.ts';
import { buildEvidence } from '../evidence/build.ts';
import type { Verdict } from '../evidence/schema.ts';
import { buildFleet } from './build-fleet.ts';
import { concludePlan, type Found } from './conclude.ts';
import type { PlannedDatabase } from './plan.ts';

const hash = 'a'.repeat(64);
const names = ['bank', 'mail', 'shop'] as const;
const plan = { hash, databases: names.map(planned) };

function planned(name: string): PlannedDatabase {
  return {
    ...{ name, database: name, rehearsals: ['latest-backup'], engine: 'auto', image: 'postgres:16', overrides: {} },
    ...{
      sizeBytes: null,
      sizeBy: null,
      expectedMs: 1,
      expectedBy: '',
      diskBytes: null,
      lastRun: null,
      overdueMs: null,
    },
  };
}

function found(database: string, verdict: Verdict, second = 0, plannedBy = hash): Found {
  const finishedAt = new Date(Date.UTC(2026, 1, 9, 9, 48, 10 + second)).toISOString();
  const about = { hash: plannedBy, database };
  const facts = { id: randomUUID(), rehearsal: 'latest-backup', finishedAt, verdict, plan: about };
  return { evidence: makeEvidence(facts), directory: `20260209T094803Z-${randomUUID()}` };
}

const verdicts = fc.constantFrom<Verdict>('verified', 'not-verified', 'could-not-run');
const runs = fc
  .array(fc.tuple(fc.constantFrom(...names), verdicts, fc.nat(5)), { maxLength: 12 })
  .map((all) => all.map(([name, verdict, second]) => found(name, verdict, second)));
const conclude = (all: readonly Found[]) => concludePlan(plan, all, () => 'nobody has it');

describe('of any runs', () => {
  test('each database has exactly one verdict, in the order of the plan', () => {
    fc.assert(
      fc.property(runs, (all) => {
        const concluded = conclude(all);
        expect(concluded.map((one) => one.planned.name)).toEqual(names);
        for (const { runs: counted } of concluded) expect(counted.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('neither their order nor their being there twice plays a part', () => {
    const shuffled = runs.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
    );
    fc.assert(
      fc.property(shuffled, ([all, again]) => {
        expect(conclude(again)).toEqual(conclude(all));
      }),
    );
  });

  test('nothing is verified of which there is no verified run, or one that is not verified', () => {
    fc.assert(
      fc.property(runs, (all) => {
        for (const {
          planned: { name },
          verdict,
        } of conclude(all)) {
          const own = all
            .filter(({ evidence }) => evidence.plan?.database === name)
            .map(({ evidence }) => evidence.verdict);
          expect(verdict === 'verified').toBe(own.includes('verified') && !own.includes('not-verified'));
        }
      }),
    );
  });
});

test.each<[Verdict, Verdict, Verdict]>([
  ['verified', 'could-not-run', 'verified'],
  ['could-not-run', 'verified', 'verified'],
  ['not-verified', 'verified', 'not-verified'],
  ['verified', 'not-verified', 'not-verified'],
  ['could-not-run', 'not-verified', 'not-verified'],
])('first %s, then %s: it is %s', (first, then, verdict) => {
  expect(conclude([found('bank', first, 0), found('bank', then, 1)])[0]?.verdict).toBe(verdict);
});

test('evidence of another plan counts for nothing', () => {
  const [bank] = conclude([found('bank', 'verified', 0, 'b'.repeat(64))]);
  expect(bank).toMatchObject({ verdict: 'could-not-run', missing: ['latest-backup'] });
});

describe('the evidence of the whole', () => {
  const build = (all: readonly Found[]) =>
    buildEvidence({ ...runFacts, rehearsal: 'fleet' }, buildFleet(conclude(all), []));

  test('is verified where each database is', () => {
    expect(build(names.map((name) => found(name, 'verified'))).verdict).toBe('verified');
  });

  test('names what is missing, and could not be run then', () => {
    const evidence = build([found('bank', 'verified'), found('mail', 'verified')]);
    expect(evidence.verdict).toBe('could-not-run');
    expect(evidence.coverage.notChecked).toEqual([
      { what: 'shop', why: 'no evidence of latest-backup: nobody has it' },
    ]);
    expect(evidence.checks.map(({ id, status }) => [id, status])).toEqual([
      ['database bank', 'passed'],
      ['database mail', 'passed'],
      ['database shop', 'not-run'],
    ]);
  });

  test('says that a backup failed, also where another is missing', () => {
    expect(build([found('bank', 'not-verified')]).verdict).toBe('not-verified');
  });
});
