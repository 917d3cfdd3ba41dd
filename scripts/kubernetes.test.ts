import { execa } from 'execa';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { useHarnessImage } from '../fixtures/testing/kubernetes/harness-image.ts';
import { drill, makeNight, merge, type Drilled, type Night } from '../fixtures/testing/kubernetes/night.ts';
import { networkFor } from '../fixtures/testing/kubernetes/networks.ts';
import { isLongRun } from '../fixtures/testing/sample.ts';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { verifyLedger } from '../src/evidence/ledger/verify.ts';

const isRoot = process.getuid?.() === 0;
const left = isRoot ? '' : ' skipped: root alone can give volumes to the account of the image';

describe.skipIf(!isRoot)(`pods of deploy/kubernetes${left}`, () => {
  describeEngine('docker', 'as Docker runs them', () => {
    const image = useHarnessImage();
    const live = useServer('local');

    /** Dumps in a store, of which some are cut off, and all else that pods need. */
    async function prepare(rows: Record<string, number>, cut: string[] = []): Promise<Night> {
      const directory = await makeWorkspace();
      const files = join(directory, 'store');
      await mkdir(files);
      for (const [name, count] of Object.entries(rows)) {
        const { user, password, ...rest } = await createTestDatabase(live(), name);
        await withClient({ ...rest, user, password }, (client) =>
          client.query(`create table t as select i, md5(i::text) from generate_series(1, ${count}) as i`),
        );
        const file = join(files, `${name}.dump`);
        await live().runTool({
          ...{ tool: 'pg_dump', args: ['--format=custom'], user, password, database: name, timeoutMs: 60_000 },
          consumeStdout: (source) => pipeline(source, createWriteStream(file)),
        });
        if (cut.includes(name)) await truncate(file, 1500);
      }
      return makeNight(image, directory, files, Object.keys(rows));
    }

    test('a killed index is tried again, a red one is not, and each database has its verdict', async () => {
      const night = await prepare({ bank: 50, mail: 60, shop: 70 }, ['mail']);
      const drilled = await drill(night, (name, pod) => (name === 'shop' && pod === 1 ? 'SIGKILL' : null));

      expect(endsOf(drilled), outputsOf(drilled)).toEqual({
        bank: ['succeeded', 'done'],
        mail: ['failed', 'drill: 1'],
        shop: ['succeeded', 'drill: 137', 'done'],
      });
      const merged = await merge(night);
      expect(merged.failed, merged.output).toEqual({ container: 'merge', exitCode: 1 });
      expect(merged.output).toMatch(/mail: not-verified: .*ARCHIVE_/);
      expect(merged.output).toContain('2 of 3 databases verified');
      const reports = join(night.evidence, 'reports');
      expect(await verifyLedger(reports, { expectedHead: null })).toMatchObject({ problem: null, runs: 4 });
      expect(await readdir(join(night.evidence, 'nights'))).toHaveLength(1);
      const inspect = ['network', 'inspect', '--format', '{{.Internal}}', night.network ?? ''];
      expect((await execa('docker', inspect)).stdout).toBe('true');
      expect(await networkFor(night.manifests.networkPolicy('merge'))).toBeNull();
    }, 900_000);

    if (isLongRun) {
      test('what is evicted is run again, however often, and in the end each database is verified', async () => {
        const night = await prepare({ evicted: 50, quiet: 70 });
        const drilled = await drill(night, (name, pod) => (name === 'evicted' && pod < 5 ? 'evict' : null));
        expect(endsOf(drilled), outputsOf(drilled)).toEqual({
          evicted: ['succeeded', ...Array.from({ length: 4 }, () => 'disrupted'), 'done'],
          quiet: ['succeeded', 'done'],
        });
        const merged = await merge(night);
        expect(merged.failed, merged.output).toBeNull();
        expect(merged.output).toContain('2 of 2 databases verified');
      }, 900_000);

      test('a disk that is too small is said, and tried as often as the Job allows', async () => {
        const night = await prepare({ large: 300_000 });
        night.storage = '48Mi';
        const drilled = await drill(night, () => null);
        expect(endsOf(drilled), outputsOf(drilled)).toEqual({ large: ['failed', 'drill: 2', 'drill: 2', 'drill: 2'] });
        expect(drilled.pods[0]?.output).toMatch(/DISK_FULL: .*Free some space/);
        const merged = await merge(night);
        expect(merged.failed, merged.output).toEqual({ container: 'merge', exitCode: 2 });
        expect(merged.output).toMatch(/large: could-not-run: .*DISK_FULL/);
      }, 900_000);
    }
  });
});

function outputsOf({ pods }: Drilled): string {
  return pods.map(({ output }) => output).join('\n');
}

/** What became of each database, and of each of its pods. */
function endsOf({ ends, pods }: Drilled): Record<string, string[]> {
  if (Object.keys(ends).length === 0) throw new Error(`No pod came to a plan:\n${outputsOf({ ends, pods })}`);
  return Object.fromEntries(
    Object.entries(ends).map(([name, end]) => [
      name,
      [
        end.status,
        ...end.pods.map(({ failed, isDisrupted }) =>
          isDisrupted ? 'disrupted' : failed === null ? 'done' : `${failed.container}: ${failed.exitCode}`,
        ),
      ],
    ]),
  );
}
