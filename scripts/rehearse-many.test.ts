import { execa } from 'execa';
import { availableParallelism } from 'node:os';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { EngineName } from '../src/config/profile.ts';
import type { Verdict } from '../src/evidence/schema.ts';
import { describeEitherEngine } from '../fixtures/testing/engines.ts';
import { expectNothingLeft } from '../fixtures/testing/leftovers.ts';
import { runRehearse } from '../fixtures/testing/run-rehearse.ts';
import { isLongRun } from '../fixtures/testing/sample.ts';

const timeout = 300_000;
const damaged = 'fixtures/damaged/value-changed.rehearsal.ts';

/** Of them a third in containers, and one that is damaged. */
const many = isLongRun ? 10 : 4;

test(`${many} rehearsals at once come out right and leave nothing behind`, { timeout }, async () => {
  const docker: EngineName = inject('skipped').docker === null ? 'docker' : 'local';
  const inContainers = Math.floor(many / 3);
  const engines = Array.from({ length: many - 1 }, (_, index) => (index < inContainers ? docker : 'local'));
  await Promise.all([
    ...engines.map((engine) => expectVerdict(engine, 'verified')),
    expectVerdict('local', 'not-verified'),
  ]);
});

describeEitherEngine('with every core busy twice', (engine) => {
  test('what is intact is verified and what is damaged is not', { timeout }, async () => {
    for (let started = 0; started < 2 * availableParallelism(); started++) keepCoreBusy();
    await Promise.all([expectVerdict(engine, 'verified'), expectVerdict(engine, 'not-verified')]);
  });
});

/** Rehearses the repository's own profile: intact where it has to be verified, else with a value changed. */
async function expectVerdict(engine: EngineName, verdict: Exclude<Verdict, 'could-not-run'>): Promise<void> {
  const result = await runRehearse({ engine, args: verdict === 'verified' ? [] : [damaged] });
  expect(result.evidence?.verdict, result.output).toBe(verdict);
  expect(result.exitCode).toBe(verdict === 'verified' ? 0 : 1);
  expect(result.evidence?.environment.engine).toBe(engine);
  await expectNothingLeft(engine, result);
}

function keepCoreBusy(): void {
  const child = execa('node', ['-e', 'for(;;);'], { reject: false, extendEnv: true });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await child;
  });
}
