import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './fixtures/testing/longest-first.ts';

export default defineConfig({
  test: {
    // Tests wait for servers and programs much of the time: with one more worker than cores, the cores have work meanwhile
    // (on two cores, 79 s instead of 100 s). `npm run rehearse` says its own number.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'tests',
          include: ['src/**/*.test.ts', 'rehearsals/**/*.test.ts', 'scripts/**/*.test.ts', 'fixtures/**/*.test.ts'],
          globalSetup: ['fixtures/testing/global-setup.ts'],
          pool: 'forks',
          // A test that expects nothing passes, whatever happens.
          expect: { requireAssertions: true },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
