import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { parentOf, processorTime } from './processor-time.ts';

/** Works for about a fifth of a second of processor time, says so, and stays. */
const busy = 'while (process.cpuUsage().user < 200_000); console.log("done"); process.stdin.resume();';

test('a child that runs counts once, whether it is named or not', async () => {
  const child = spawn(process.execPath, ['-e', busy], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const { pid = 0 } = child;
  expect(await parentOf(pid)).toBe(process.pid);
  const [own, ofChild] = [await processorTime([process.pid]), await processorTime([pid])];
  const both = await processorTime([process.pid, pid]);
  child.stdin.end();
  expect(ofChild).toBeGreaterThanOrEqual(0.2);
  expect(both).toBeLessThan((own ?? 0) + (ofChild ?? 0));
  expect(await processorTime([2 ** 22 + 1])).toBeNull();
});
