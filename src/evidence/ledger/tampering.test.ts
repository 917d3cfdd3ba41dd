import { execa } from 'execa';
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSignedReports, type SignedReports } from '../../../fixtures/testing/signed-reports.ts';
import { sampleOf } from '../../../fixtures/testing/sample.ts';
import { tamperings, type Tampering } from '../../../fixtures/testing/tampering.ts';
import { readPublicKey } from '../sign/read-key.ts';
import { readCertificates } from '../stamp/read-certificates.ts';
import { trustNobody } from './trust.ts';
import { verifyLedger } from './verify.ts';

const second = fileURLToPath(new URL('../../../docs/verify-evidence.py', import.meta.url));
const workspace = mkdtempSync(join(tmpdir(), 'rehearsal-test-'));
let made: SignedReports;
let head: string | null;

beforeAll(async () => {
  made = await makeSignedReports(workspace);
  ({ head } = await verifyLedger(made.reports, { expectedHead: null }));
});

afterAll(() => {
  for (const { close } of [made.authority, made.otherAuthority]) close();
  rmSync(workspace, { recursive: true, force: true });
});

type Given = Tampering['given'];

async function verifyHere(reports: string, given: Given = {}) {
  const trust = {
    ...trustNobody,
    keys: [await readPublicKey(made[given.keyFile ?? 'keyFile'])],
    authorities: await readCertificates(made[given.authority ?? 'authority'].rootFile),
    requireTimestamps: given.timestamps === true,
  };
  return verifyLedger(reports, { expectedHead: given.head === true ? head : null, trust });
}

async function verifyElsewhere(reports: string, given: Given = {}) {
  const { exitCode, stdout, stderr } = await execa(
    'python3',
    [
      ...[second, reports, '--key', made[given.keyFile ?? 'keyFile']],
      ...['--tsa-certificate', made[given.authority ?? 'authority'].rootFile],
      ...(given.head === true ? ['--expect-head', head ?? ''] : []),
      ...(given.timestamps === true ? ['--require-timestamps'] : []),
    ],
    { reject: false },
  );
  return { exitCode, code: stdout.split(' ')[0] ?? '', said: `${stdout}${stderr}` };
}

test('what nobody has touched is verified by both', async () => {
  const given = { head: true, timestamps: true } as const;
  expect(await verifyHere(made.reports, given)).toMatchObject({
    problem: null,
    runs: 3,
    notes: 1,
    signed: 3,
    stamped: 3,
  });
  const { exitCode, said } = await verifyElsewhere(made.reports, given);
  expect(said).toBe(
    `OK  3 runs, 3 signed (by trusted keys), 3 time-stamped (by trusted authorities)\nhead ${head ?? ''}`,
  );
  expect(exitCode).toBe(0);
});

let copies = 0;

/** It starts a dozen programs each time. */
const elsewhere = new Set(sampleOf(tamperings, ({ code }) => code).map(({ name }) => name));

test.for(tamperings.map((tampering) => [tampering.name, tampering] as const))(
  'both find %s',
  async ([name, { change, code, message, given }]) => {
    const reports = join(workspace, `copy-${(copies += 1)}`);
    await mkdir(reports);
    await cp(made.reports, reports, { recursive: true });
    await change({ ...made, reports });
    const { problem } = await verifyHere(reports, given);
    expect(problem).toEqual({ code, message: expect.stringMatching(message) as string });
    if (!elsewhere.has(name)) return;
    const other = await verifyElsewhere(reports, given);
    expect(other.said).toMatch(message);
    expect(other).toMatchObject({ code, exitCode: code === 'LEDGER_MISSING' ? 2 : 1 });
  },
);

test('the table has thirty changes and more, each another', () => {
  expect(new Set(tamperings.map(({ name }) => name)).size).toBe(tamperings.length);
  expect(tamperings.length).toBeGreaterThan(30);
});
