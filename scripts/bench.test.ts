import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { startCommand } from '../fixtures/testing/run-rehearse.ts';
import { isLongRun } from '../fixtures/testing/sample.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import type { Row } from './bench/row.ts';

test.for<[string[], RegExp]>([
  [['--only', 'smal'], /no part "smal"; --only takes large, baseline/],
  [['--pairs', '0'], /--pairs takes a whole number from 1 on, not "0"/],
  [['--bookings', '1e3.5'], /--bookings takes a whole number/],
  [['--scale', '2'], /--scale takes a number from 0 to 1, not "2"/],
  [['--engine', 'podman'], /--engine takes local or docker/],
  [['--rows', '5'], /--rows/],
])('npm run bench -- %j is refused', async ([args, message]) => {
  const { exitCode, stderr } = await startCommand('bench', args);
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(2);
});

describeEngine('local', 'npm run bench', () => {
  // The other parts start whole commands, and fill large databases.
  const only = isLongRun ? 'baseline,large,processes,commands,memory,shapes' : 'baseline,large';
  test('measures every row of these parts, and writes what it has measured', async () => {
    const directory = await makeWorkspace();
    const json = join(directory, 'bench.json');
    const sizes = ['--bookings', '60', '--pairs', '1', '--scale', '0.0005'];
    const env = { TMPDIR: directory };
    const { exitCode, stdout, stderr } = await startCommand('bench', ['--only', only, ...sizes, '--json', json], env);
    expect(exitCode, stderr).toBe(0);
    const { rows } = JSON.parse(await readFile(json, 'utf8')) as { rows: Row[] };
    expect(rows).toHaveLength(isLongRun ? 18 : 5);
    for (const { name, measured, spread, sides } of rows) {
      expect(stdout).toContain(name);
      expect(measured, name).toBeGreaterThan(0);
      expect(spread[0], name).toBeLessThanOrEqual(spread[1]);
      // Digests of a few rows take less than a tick of the processor's clock.
      if (sides === null || name.includes('COPY')) continue;
      for (const { cpu } of [sides.a, sides.b]) expect(cpu ?? 1, name).toBeGreaterThan(0);
    }
  });
});
