import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { bookingsSql } from '../data.ts';
import { runWithOwnServer } from '../own-server.ts';
import { newestEvidence, runOurCommand, withReports } from '../our-command.ts';
import { comparePairs } from '../pairs.ts';
import { rowOf } from '../row.ts';
import type { Part } from './part.ts';

const compiled = fileURLToPath(new URL('../../../node_modules/.cache/restore-rehearsal', import.meta.url));

/** Whole commands with the first user's baseline, from their start to their end. */
export const processes: Part = async ({ pairs, engine, image }, give) => {
  const sql = await bookingsSql(20);
  await withReports(async (reports) => {
    const rehearse = (name: string) =>
      runOurCommand(['rehearse', 'clean-state', '--engine', name, '--image', image, '--reports', reports]);
    const {
      pairs: taken,
      ratios,
      sides,
    } = await comparePairs(pairs, {
      a: () => runWithOwnServer(sql),
      b: () => rehearse('local'),
    });
    const how = `${pairs} pairs; A starts a server, seeds it, and has no application`;
    give(
      rowOf(ratios, { name: 'baseline, whole process against the same by hand', target: 1.1, unit: '×', how, sides }),
    );
    const warm = taken.map(({ b }) => b);
    give(rowOf(warm, { name: 'baseline, whole process, local, warm', target: 2, unit: 's', how: `${pairs} runs` }));

    const first: number[] = [];
    for (let run = 0; run < Math.min(pairs, 3); run += 1) {
      await rm(compiled, { recursive: true, force: true });
      first.push(await seconds(() => rehearse('local')));
    }
    const again = `${first.length} runs, each with nothing compiled`;
    give(rowOf(first, { name: 'baseline, whole process, first run after npm ci', target: 3.5, unit: 's', how: again }));
    if (engine === 'docker') give(await againstDocker(pairs, reports, rehearse));
  });
};

/** From the server that is ready to the verdict, which does not hold how long Docker takes to start a container. */
async function againstDocker(pairs: number, reports: string, rehearse: (engine: string) => Promise<void>) {
  const slower: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const [local, docker] = [await afterStart('local'), await afterStart('docker')];
    slower.push(docker - local);
  }
  const how = `${pairs} pairs, difference of all steps but the first`;
  return rowOf(slower, { name: 'baseline, Docker from container ready, over local', target: 1, unit: 's', how });

  async function afterStart(engine: string): Promise<number> {
    await rehearse(engine);
    const { steps } = await newestEvidence(reports);
    return steps.slice(1).reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0) / 1000;
  }
}

/** Short commands. */
export const commands: Part = async ({ pairs }, give) => {
  await withReports(async (reports) => {
    await runOurCommand(['rehearse', 'clean-state', '--engine', 'local', '--reports', reports]);
    const calls: [name: string, args: string[]][] = [
      ['--help', ['rehearse', '--help']],
      ['--list', ['rehearse', '--list']],
      ['evidence verify of one run', ['evidence', 'verify', '--reports', reports]],
    ];
    for (const [name, args] of calls) {
      const taken: number[] = [];
      for (let run = 0; run < pairs; run += 1) taken.push(await seconds(() => runOurCommand(args)));
      give(rowOf(taken, { name, target: 0.35, unit: 's', how: `${pairs} runs, without npm` }));
    }
  });
};

async function seconds(body: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await body();
  return (performance.now() - startedAt) / 1000;
}
