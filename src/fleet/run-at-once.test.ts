import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findBound, type Machine } from './room-for-jobs.ts';
import { runAtOnce } from './run-at-once.ts';

const large: Machine = { cores: 64, memoryBytes: 64e9, diskBytes: 1e12 };
const running = (count: number, diskBytes: number | null = 1e9) => Array.from({ length: count }, () => ({ diskBytes }));

test.each([
  ['nothing else runs: it finds out itself whether there is room', { diskBytes: 9e12 }, 0, large, 4, null],
  ['there is room', { diskBytes: 1e9 }, 3, large, 4, null],
  ['as many run as may', { diskBytes: 1e9 }, 4, large, 4, 'jobs'],
  ['the cores are busy', { diskBytes: 1e9 }, 4, { ...large, cores: 2 }, 8, 'cores'],
  ['the memory is used', { diskBytes: 1e9 }, 3, { ...large, memoryBytes: 2e9 }, 8, 'memory'],
  ['the disk would be full', { diskBytes: 999e9 }, 2, large, 8, 'disk'],
  ['nobody knows the disk', { diskBytes: 999e9 }, 2, { ...large, diskBytes: null }, 8, null],
  ['nobody knows its size', { diskBytes: null }, 2, large, 8, null],
] as const)('%s', (_, next, count, machine, jobs, bound) => {
  expect(findBound(next, running(count), machine, jobs)).toBe(bound);
});

test('each runs once, in its order, and never more at once than there is room for', async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 5 }), fc.scheduler(), async (disks, jobs, scheduler) => {
      const databases = disks.map((diskBytes, index) => ({ index, diskBytes }));
      const started: number[] = [];
      const waited: number[] = [];
      const at = new Set<(typeof databases)[number]>();
      const all = runAtOnce(databases, {
        jobs,
        machine: { ...large, diskBytes: 10 },
        interrupted: new AbortController().signal,
        waits: ({ index }) => waited.push(index),
        run: async (database) => {
          started.push(database.index);
          at.add(database);
          const used = [...at].reduce((sum, { diskBytes }) => sum + diskBytes, 0);
          expect(at.size).toBeLessThanOrEqual(jobs);
          expect(used <= 10 || at.size === 1).toBe(true);
          await scheduler.schedule(Promise.resolve());
          at.delete(database);
        },
      });
      await scheduler.waitFor(all);
      expect(started).toEqual(databases.map(({ index }) => index));
      expect(new Set(waited).size).toBe(waited.length);
    }),
    { numRuns: 50 },
  );
});

test('what is interrupted starts no more', async () => {
  const started: unknown[] = [];
  const run = (database: unknown) => Promise.resolve(void started.push(database));
  await runAtOnce(running(3), {
    jobs: 1,
    machine: large,
    run,
    waits: () => undefined,
    interrupted: AbortSignal.abort(),
  });
  expect(started).toEqual([]);
});
