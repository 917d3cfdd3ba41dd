import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assumeProfile } from '../config/assumed-profile.ts';
import { makePlan, type Candidate } from './make-plan.ts';
import type { History, LastRun } from './history.ts';
import { splitPlan } from './split.ts';

const now = new Date('2026-02-09T09:48:03.000Z');
const options = { profile: 'fleet', now, frequencyMs: 86_400_000, leftOut: [] };

interface Generated {
  name: string;
  sizeBytes: number | null;
  last: { agoMs: number; tookMs: number | null } | null;
}

/** Any fleet with any history: names as PostgreSQL takes them, sizes from nothing to terabytes, runs of any age. */
const fleets = fc.uniqueArray(
  fc.record({
    name: fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }),
    sizeBytes: fc.option(fc.integer({ min: 0, max: 10e12 })),
    last: fc.option(
      fc.record({
        agoMs: fc.integer({ min: -3_600_000, max: 90 * 86_400_000 }),
        tookMs: fc.option(fc.integer({ min: 0, max: 86_400_000 })),
      }),
    ),
  }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 40 },
);
const totals = fc.integer({ min: 1, max: 60 });

function candidateOf({ name, sizeBytes }: Generated): Candidate {
  const known = { name: 'app', owner: 'app', ownership: 'preserve' as const, roles: [], extensions: [] };
  const { profile } = assumeProfile(known, '/');
  const size = sizeBytes === null ? null : { bytes: sizeBytes, by: 'the test' };
  return { name, profile, rehearsals: ['latest-backup'], size, overrides: { database: { alias: name } } };
}

function historyOf(fleet: readonly Generated[]): History {
  const runs = new Map(fleet.map(({ name, last }) => [name, last]));
  return {
    lastRunOf: (name): LastRun | null => {
      const last = runs.get(name) ?? null;
      return last && { startedAt: new Date(now.getTime() - last.agoMs), verdict: 'verified', tookMs: last.tookMs };
    },
  };
}

const planOf = (fleet: readonly Generated[], order = fleet) =>
  makePlan(order.map(candidateOf), historyOf(fleet), options);
const namesOf = (parts: { name: string }[][]) =>
  parts
    .flat()
    .map(({ name }) => name)
    .toSorted();

describe('of any fleet with any history', () => {
  test('each database is in exactly one part, whatever the number of parts', () => {
    fc.assert(
      fc.property(fleets, totals, (fleet, total) => {
        const parts = splitPlan(planOf(fleet).databases, total);
        expect(parts).toHaveLength(total);
        expect(namesOf(parts)).toEqual(fleet.map(({ name }) => name).toSorted());
      }),
    );
  });

  test('one part more loses none', () => {
    fc.assert(
      fc.property(fleets, totals, (fleet, total) => {
        const { databases } = planOf(fleet);
        expect(namesOf(splitPlan(databases, total + 1))).toEqual(namesOf(splitPlan(databases, total)));
      }),
    );
  });

  test('the order in which databases come changes neither the plan nor its parts', () => {
    const shuffled = fleets.chain((fleet) =>
      fc.tuple(fc.constant(fleet), fc.shuffledSubarray(fleet, { minLength: fleet.length })),
    );
    fc.assert(
      fc.property(shuffled, totals, ([fleet, other], total) => {
        const [plan, again] = [planOf(fleet), planOf(fleet, other)];
        expect(again).toEqual(plan);
        expect(splitPlan(plan.databases.toReversed(), total)).toEqual(splitPlan(plan.databases, total));
      }),
    );
  });

  test('no part takes longer than a fair share and the longest database', () => {
    fc.assert(
      fc.property(fleets, totals, (fleet, total) => {
        const { databases } = planOf(fleet);
        const times = databases.map(({ expectedMs }) => expectedMs);
        const loads = splitPlan(databases, total).map((part) =>
          part.reduce((sum, { expectedMs }) => sum + expectedMs, 0),
        );
        const fair = times.reduce((sum, ms) => sum + ms, 0) / total;
        expect(Math.max(...loads)).toBeLessThanOrEqual(fair + Math.max(...times));
      }),
    );
  });
});

test('what never ran comes first, then the longest overdue, then what takes longest', () => {
  const day = 86_400_000;
  const of = (name: string, agoMs: number | null, tookMs: number): Generated => ({
    name,
    sizeBytes: null,
    last: agoMs === null ? null : { agoMs, tookMs },
  });
  const fleet = [
    of('short', 0, 10),
    of('long', 0, 90),
    of('late', 3 * day, 1),
    of('later', 9 * day, 1),
    of('new', null, 0),
  ];
  expect(planOf(fleet).databases.map(({ name }) => name)).toEqual(['new', 'later', 'late', 'long', 'short']);
});

test('a database that never ran is expected to take what its bytes took elsewhere', () => {
  const fleet = [
    { name: 'known', sizeBytes: 1e9, last: { agoMs: 0, tookMs: 108_000 } },
    { name: 'new', sizeBytes: 2e9, last: null },
  ];
  const [first] = planOf(fleet).databases;
  expect(first).toMatchObject({
    name: 'new',
    expectedMs: 208_000,
    expectedBy: 'its size, and what others took for theirs',
  });
});
