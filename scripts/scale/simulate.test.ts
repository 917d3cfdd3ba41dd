import { expect, test } from 'vitest';
import { simulate, sizesOf, type Course } from './simulate.ts';
import { seededRandom } from '../../fixtures/testing/random.ts';

const course: Course = { databases: 300, shards: 4, nights: 20, windowMs: 8 * 3_600_000, seed: 1 };

test('sizes follow a power law: a tenth of the databases has most of the bytes', () => {
  const sizes = sizesOf(2000, seededRandom(1)).toSorted((a, b) => b - a);
  const sum = (all: number[]) => all.reduce((total, size) => total + size, 0);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(100e6);
  expect(sum(sizes.slice(0, 200))).toBeGreaterThan(sum(sizes) / 2);
});

test('one seed gives one course', () => {
  expect(simulate(course, 'planner')).toEqual(simulate(course, 'planner'));
  expect(simulate(course, 'planner')).not.toEqual(simulate({ ...course, seed: 2 }, 'planner'));
});

test('a night that is long enough leaves none overdue, whoever shares it out', () => {
  for (const policy of ['planner', 'round-robin'] as const) {
    expect(simulate(course, policy)).toMatchObject({ overdue: 0, longestWait: 0 });
  }
});

test('in nights that are too short, the planner lets each have its turn, and a fixed order starves the same ones', () => {
  const short = { ...course, windowMs: 600_000 };
  const [planned, fixed] = [simulate(short, 'planner'), simulate(short, 'round-robin')];
  expect(fixed.longestWait).toBe(course.nights);
  expect(planned.longestWait).toBeLessThan(course.nights / 2);
  expect(planned.overdue).toBeLessThan(fixed.overdue);
});
