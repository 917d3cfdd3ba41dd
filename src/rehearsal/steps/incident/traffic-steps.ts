import type { ApplicationUnderTest } from '../../application-under-test.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';
import { startTraffic, type Traffic } from '../../traffic.ts';

interface Needs {
  served: ServedDatabase;
  application: ApplicationUnderTest | null;
  /** What is lost by then keeps some requests from being answered. */
  lost: string;
}

/** Starts clients that go on asking from now on. */
export const startAsking: StepBody<Needs, Traffic> = async ({ run }, { served, application }) => {
  const traffic = await run.use('traffic', await startTraffic(served, application));
  const { names, unable } = traffic;
  const without = unable.length === 0 ? '' : `; the damage keeps ${unable.join(', ')} from working`;
  return {
    made: traffic,
    summary: `${names.join(', ')}${without}`,
    facts: { clients: names.join(', '), notAnswered: unable.join(', ') },
  };
};

export const stopAsking: StepBody<{ traffic: Traffic }> = async (_drill, { traffic }) => {
  await traffic[Symbol.asyncDispose]();
  const counts = traffic.counts();
  return {
    summary: `${counts.reduce((sum, count) => sum + count, 0)} good answers in all`,
    facts: Object.fromEntries(traffic.names.map((name, index) => [name, counts[index] ?? 0])),
  };
};
