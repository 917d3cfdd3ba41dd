import { cp, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { readHistory } from '../history/read-history.ts';
import { listEvidenceDirectories } from '../ledger/list-directories.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { parseEvidence } from '../parse.ts';
import { renderHistoryPage } from './history/history-page.tsx';
import { renderRunPage } from './run/run-page.tsx';

const sample = fileURLToPath(new URL('../../../docs/sample-report', import.meta.url));
const renew = 'What draws the pages has changed: npm run sample-report makes docs/sample-report/ anew.';

test('the pages of docs/sample-report are those that its evidence gives', async () => {
  for (const directory of await listEvidenceDirectories(sample)) {
    const read = (name: string) => readFile(join(sample, directory, name), 'utf8');
    const evidence = parseEvidence(await read('evidence.json'));
    const bundle = JSON.parse(await read('evidence.intoto.json')) as Bundle;
    if (evidence === null) throw new Error(`${directory} holds no evidence. ${renew}`);
    const page = renderRunPage(evidence, bundle.verificationMaterial.publicKey.hint);
    expect(page === (await read('evidence.html')), `${directory}: ${renew}`).toBe(true);
  }
});

test('and its history is that of its runs', async () => {
  const reports = await makeWorkspace();
  await cp(sample, reports, { recursive: true });
  const page = await renderHistoryPage(await readHistory(reports));
  expect(page === (await readFile(join(sample, 'index.html'), 'utf8')), renew).toBe(true);
});

test('it is as it was written, has runs that went well and one that did not, and is small', async () => {
  expect((await verifyLedger(sample, { expectedHead: null })).problem).toBeNull();
  const { rehearsals } = JSON.parse(await readFile(join(sample, 'latest.json'), 'utf8')) as { rehearsals: unknown[] };
  expect(rehearsals).toHaveLength(1);
  for (const name of await readdir(sample, { recursive: true })) {
    expect((await stat(join(sample, name))).size, name).toBeLessThan(150_000);
  }
});

interface Bundle {
  verificationMaterial: { publicKey: { hint: string } };
}
