import { defineConfig } from 'vitest/config';
import { LongestFirst } from './fixtures/testing/longest-first.ts';

export default defineConfig({
  test: {
    // Vitest leaves a core free, which on two cores is half of them. `npm run rehearse` says its own number.
    maxWorkers: '100%',
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
