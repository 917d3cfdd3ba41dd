import { expect, test } from 'vitest';
import { describeEitherEngine } from '../fixtures/testing/engines.ts';
import { expectNothingLeft } from '../fixtures/testing/leftovers.ts';
import { runRehearse } from '../fixtures/testing/run-rehearse.ts';

describeEitherEngine('a rehearsal', (engine) => {
  test.for([
    ['the server starts', /clean-state/],
    ['the application starts', /✔ Seed the baseline data/],
    ['the dump is restored', /✔ Drop and recreate/],
  ] as const)('is interrupted by Ctrl-C while %s and leaves nothing behind', async ([, when]) => {
    let interrupted = false;
    const result = await runRehearse({
      engine,
      onOutput: (output, interrupt) => {
        if (interrupted || !when.test(output)) return;
        interrupted = true;
        interrupt('SIGINT');
      },
    });

    expect(interrupted).toBe(true);
    expect(result.output).toContain('Interrupted');
    expect(result.exitCode).toBe(2);
    expect(result.evidence?.verdict).toBe('could-not-run');
    expect(result.evidence?.steps.map(({ error }) => error?.code)).toContain('INTERRUPTED');
    await expectNothingLeft(engine, result);
  });
});
