/** `npm run bench`: measures a rehearsal against the bare commands, on this machine, and holds it against its targets. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { chalk } from 'zx';
import { findPrograms } from './bench/by-hand.ts';
import { baseline, large } from './bench/parts/large.ts';
import { memory } from './bench/parts/memory.ts';
import type { BenchOptions, Part } from './bench/parts/part.ts';
import { commands, processes } from './bench/parts/processes.ts';
import { otherShapes } from './bench/parts/shapes.ts';
import { isMet, type Row } from './bench/row.ts';
import { describeRow } from './bench/table.ts';

const parts: Record<string, Part> = { large, baseline, processes, commands, memory, shapes: otherShapes };

const help = `Usage: npm run bench -- [options]

Measures the runbook's commands, as a shell runs them (A), and a rehearsal's own steps (B) in turns, on the same server,
and prints each figure with its target. It asserts nothing: status 0 says that everything was measured.

  --bookings N     size of the large database; default 5000000
  --pairs N        how often A and B are measured in turns; default 5
  --scale X        size of the databases of other shapes; default 1
  --only NAMES     ${Object.keys(parts).join(', ')}; default: all
  --engine NAME    local (default) or docker, for B; A takes the programs of this machine
  --image IMAGE    for docker; default postgres:16-alpine
  --json FILE      writes the figures there, too`;

try {
  await main();
} catch (error) {
  console.error(chalk.red(error instanceof Error ? error.message : String(error)));
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      bookings: { type: 'string', default: '5000000' },
      pairs: { type: 'string', default: '5' },
      scale: { type: 'string', default: '1' },
      only: { type: 'string', default: Object.keys(parts).join(',') },
      engine: { type: 'string', default: 'local' },
      image: { type: 'string', default: 'postgres:16-alpine' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const { engine, image } = values;
  if (engine !== 'local' && engine !== 'docker') throw new Error('--engine takes local or docker.');
  const scale = Number(values.scale);
  if (!(scale > 0 && scale <= 1)) throw new Error(`--scale takes a number from 0 to 1, not "${values.scale}".`);
  const options: BenchOptions = {
    ...{ engine, image, scale },
    bookings: wholeNumber('--bookings', values.bookings),
    pairs: wholeNumber('--pairs', values.pairs),
  };
  const machine = { at: new Date().toISOString(), node: process.version, ...(await describeMachine()) };
  console.log(`${machine.processors}, PostgreSQL ${machine.postgres}, Node.js ${machine.node}, ${machine.at}\n`);
  const rows: Row[] = [];
  for (const part of chooseParts(values.only)) {
    await part(options, (row) => {
      rows.push(row);
      console.log(describeRow(row));
    });
  }
  console.log(`\n${rows.filter(isMet).length} of ${rows.length} targets are met.`);
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ machine, options, rows }, null, 2)}\n`);
    console.log(`The figures are in ${values.json}.`);
  }
}

function chooseParts(names: string): Part[] {
  return names.split(',').map((name) => {
    const part = parts[name];
    if (part !== undefined) return part;
    throw new Error(
      `There is no part "${name}"; --only takes ${Object.keys(parts).join(', ')}, with commas between them.`,
    );
  });
}

function wholeNumber(flag: string, given: string): number {
  const number = Number(given);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`${flag} takes a whole number from 1 on, not "${given}".`);
  return number;
}

async function describeMachine(): Promise<{ processors: string; postgres: string }> {
  const all = cpus();
  return {
    processors: `${all.length} × ${all[0]?.model.trim() ?? 'unknown'}`,
    postgres: (await findPrograms()).version,
  };
}
