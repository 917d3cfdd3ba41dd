import { stockSettings } from '../../../src/engine/throwaway-settings.ts';
import { withBenchServer, byHand, type BenchServer } from '../bench-server.ts';
import { connectionOf, dumpIn, runbook, runShell, type Counted } from '../by-hand.ts';
import { bookingsSql } from '../data.ts';
import { compareDigests } from '../digests.ts';
import { checkIndexes, runOurSteps, type StepTimes } from '../our-steps.ts';
import { comparePairs } from '../pairs.ts';
import { rowOf } from '../row.ts';
import { describeBookings, type Part } from './part.ts';

/** A rehearsal's own steps against the bare commands, on one server. */
export const large: Part = async (options, give) => {
  const { pairs, bookings } = options;
  const size = describeBookings(bookings);
  const sql = await bookingsSql(bookings);
  await withBenchServer({ ...options, sql }, async (server) => {
    const { comparison, times } = await contest(server, pairs, 'bookings');
    const { ratios, sides } = comparison;
    const how = `${pairs} pairs, B from reference to comparison`;
    give(rowOf(ratios, { name: `${size}, B against A, tuned server`, target: 0.85, unit: '×', how, sides }));
    const { restored } = await runOurSteps(server.served);
    const amcheck = await checkIndexes(restored);
    const rest = times.map(
      ({ reference, compare, dump, restore }) => (reference + compare + amcheck) / (dump + restore),
    );
    const name = `${size}, reference + comparison + amcheck against dump + restore`;
    give(rowOf(rest, { name, target: 0.1, unit: '×', how: `${pairs} runs, amcheck once: ${amcheck.toFixed(2)} s` }));
    const digests = await compareDigests(server, pairs);
    give(
      rowOf(digests.ratios, {
        ...{ name: `${size}, digests of all tables against COPY TO STDOUT`, target: 0.4, unit: '×' },
        ...{ how: `${pairs} pairs, one session each`, sides: digests.sides },
      }),
    );
  });
  await withBenchServer({ ...options, sql, settings: stockSettings }, async (server) => {
    const { ratios, sides } = (await contest(server, pairs, 'bookings')).comparison;
    const name = `${size}, B against A, stock server`;
    give(rowOf(ratios, { name, target: 0.65, unit: '×', how: `${pairs} pairs`, sides }));
  });
};

/** The same with the few rows of the runbook. */
export const baseline: Part = async (options, give) => {
  await withBenchServer({ ...options, sql: await bookingsSql(20) }, async (server) => {
    const { ratios, sides } = (await contest(server, options.pairs, 'bookings')).comparison;
    const how = `${options.pairs} pairs`;
    give(rowOf(ratios, { name: 'baseline, B against A', target: 1, unit: '×', how, sides }));
  });
};

/** Runs both in turns. The times are those of our steps, warm runs only. */
export async function contest({ served, pid }: BenchServer, pairs: number, counted: Counted) {
  const script = runbook(byHand, dumpIn(served.drill.run.directory), counted);
  const times: StepTimes[] = [];
  const comparison = await comparePairs(pairs, {
    a: () => runShell(script, connectionOf(served.server.admin)),
    b: async () => times.push((await runOurSteps(served)).times),
    servers: pid === null ? [] : [pid],
  });
  return { comparison, times: times.slice(1) };
}
