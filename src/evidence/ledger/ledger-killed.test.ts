import { execa } from 'execa';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../fixtures/testing/random.ts';
import { isLongRun } from '../../../fixtures/testing/sample.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { adoptEvidence } from './adopt.ts';
import { verifyLedger } from './verify.ts';

const writer = fileURLToPath(new URL('../../../fixtures/testing/write-ledger.ts', import.meta.url));
const kills = isLongRun ? 200 : 6;

test(
  `after ${kills} kills of two writers at once, the ledger verifies, or says what a kill has left`,
  { timeout: 3600_000 },
  async () => {
    const reports = join(await makeWorkspace(), 'reports');
    const random = seededRandom(20260209);
    let lines = 0;
    for (let round = 0; round < kills; round += 1) {
      const writers = [0, 1].map(() =>
        execa('node', ['--import', 'tsx', writer, reports], { reject: false, buffer: false }),
      );
      await Promise.all(writers.map(({ stdout }) => once(stdout, 'data')));
      // A round of a writer takes some milliseconds.
      await delay(random() * 30);
      for (const each of writers) each.kill('SIGKILL');
      expect((await Promise.all(writers)).map(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGKILL']);

      const { problem } = await verifyLedger(reports, { expectedHead: null });
      expect([undefined, 'LEDGER_MISSING', 'LINE_CUT', 'EVIDENCE_ADDED']).toContain(problem?.code);
      const { passedOver, end } = await adoptEvidence(reports);
      expect(passedOver).toEqual([]);
      expect(await verifyLedger(reports, { expectedHead: null })).toMatchObject({
        problem: null,
        lines: end.lines,
      });
      expect(end.lines).toBeGreaterThanOrEqual(lines + 2);
      lines = end.lines;
    }
    expect((await readdir(reports)).filter((name) => name.endsWith('.lock'))).toEqual([]);
  },
);
