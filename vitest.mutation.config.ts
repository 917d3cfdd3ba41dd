import { defineConfig } from 'vitest/config';

/** The tests that `npm run mutation` tries on each mutant. */
export default defineConfig({
  test: {
    // A mutant is to be killed by an example, whatever the seed.
    env: { REHEARSAL_TEST_RETENTION_RUNS: '100' },
    // Only a server can tell what a digest sees.
    globalSetup: ['fixtures/testing/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    include: [
      'src/evidence/verdict.test.ts',
      'src/backup/retention.test.ts',
      'src/postgres/restore-errors.test.ts',
      'src/snapshot/compare*.test.ts',
      'src/snapshot/digest-query.test.ts',
      'src/snapshot/normalise-schema.test.ts',
      'src/snapshot/state-facet.test.ts',
      'src/snapshot/weigh.test.ts',
      'src/restore/compare-contents.test.ts',
      'src/restore/oracle/compare-definitions.test.ts',
      'src/recovery/compare-rights.test.ts',
    ],
  },
});
