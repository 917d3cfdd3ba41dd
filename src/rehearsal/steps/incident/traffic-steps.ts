import type { ApplicationUnderTest } from '../../application-under-test.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';
import type { Pooler } from '../../pooler.ts';
import { startTraffic, type Traffic, type Visitor } from '../../traffic.ts';
import type { OtherRole } from './let-others-work.ts';

interface Needs {
  served: ServedDatabase;
  application: ApplicationUnderTest | null;
  other: OtherRole;
  /** Before the server; null where there is none. */
  pooler: Pooler | null;
  /** What is lost by then keeps some requests from being answered. */
  lost: string;
}

/** Starts clients that go on asking from now on. */
export const startAsking: StepBody<Needs, Traffic> = async ({ run }, { served, application, other, pooler }) => {
  const visitors = visitorsOf(served, other, pooler);
  const traffic = await run.use('traffic', await startTraffic(served, application, visitors));
  const { names, unable } = traffic;
  const without = unable.length === 0 ? '' : `; the damage keeps ${unable.join(', ')} from working`;
  return {
    made: traffic,
    summary: `${names.join(', ')}${without}`,
    facts: { clients: names.join(', '), notAnswered: unable.join(', ') },
  };
};

/** The owner and the other role, with old and new sessions to the server itself and through each pool. */
function visitorsOf({ asOwner }: ServedDatabase, { login }: OtherRole, pooler: Pooler | null): Visitor[] {
  const asOther = { ...asOwner, ...login };
  const through = (pooler?.pools ?? []).flatMap(({ mode, address }): Visitor[] => {
    const way = { ...address, pooled: true };
    return [
      { name: `a query through pgbouncer (${mode})`, connection: { ...asOwner, ...way }, logsIn: 'once' },
      {
        name: `logins of another role through pgbouncer (${mode})`,
        connection: { ...asOther, ...way },
        logsIn: 'again and again',
      },
    ];
  });
  return [
    { name: 'a query', connection: asOwner, logsIn: 'once' },
    { name: 'logins', connection: asOwner, logsIn: 'again and again' },
    { name: 'a query of another role', connection: asOther, logsIn: 'once' },
    { name: 'logins of another role', connection: asOther, logsIn: 'again and again' },
    ...through,
  ];
}

export const stopAsking: StepBody<{ traffic: Traffic }> = async (_drill, { traffic }) => {
  await traffic[Symbol.asyncDispose]();
  const counts = traffic.counts();
  return {
    summary: `${counts.reduce((sum, count) => sum + count, 0)} good answers in all`,
    facts: Object.fromEntries(traffic.names.map((name, index) => [name, counts[index] ?? 0])),
  };
};
