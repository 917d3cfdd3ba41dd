import { performance } from 'node:perf_hooks';
import { processorTime } from './processor-time.ts';
import { median, type Side } from './row.ts';

export interface Pair {
  /** Wall clock of A and B, in seconds. */
  a: number;
  b: number;
}

export interface Pairs {
  pairs: Pair[];
  /** B against A, for each pair. */
  ratios: number[];
  sides: { a: Side; b: Side };
}

/** What is compared: its two sides, and whose processor time counts besides this process and what it has started. */
interface Contest {
  a: () => Promise<unknown>;
  b: () => Promise<unknown>;
  servers?: number[];
}

/** Runs both sides once without a clock, and then in turns, so that a machine that gets slower does not favour one of them. */
export async function comparePairs(count: number, { a, b, servers = [] }: Contest): Promise<Pairs> {
  const taken: Record<'a' | 'b', { wall: number; cpu: number | null }[]> = { a: [], b: [] };
  const bodies = { a, b };
  for (const side of ['a', 'b'] as const) await bodies[side]();
  for (let pair = 0; pair < count; pair += 1) {
    for (const side of pair % 2 === 0 ? (['a', 'b'] as const) : (['b', 'a'] as const)) {
      taken[side].push(await clock(bodies[side], servers));
    }
  }
  const pairs = taken.a.map(({ wall }, index) => ({ a: wall, b: taken.b[index]?.wall ?? Number.NaN }));
  return {
    pairs,
    ratios: pairs.map((pair) => pair.b / pair.a),
    sides: { a: sideOf(taken.a), b: sideOf(taken.b) },
  };
}

async function clock(body: () => Promise<unknown>, servers: number[]) {
  const pids = [process.pid, ...servers];
  const before = await processorTime(pids);
  const startedAt = performance.now();
  await body();
  const wall = (performance.now() - startedAt) / 1000;
  const after = await processorTime(pids);
  return { wall, cpu: before === null || after === null ? null : after - before };
}

function sideOf(taken: { wall: number; cpu: number | null }[]): Side {
  const cpu = taken.map((one) => one.cpu).filter((time) => time !== null);
  return { wall: median(taken.map(({ wall }) => wall)), cpu: cpu.length === 0 ? null : median(cpu) };
}
