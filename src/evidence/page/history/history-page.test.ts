import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { closeBrowser, findSerious, openFile, overflowOf } from '../../../../fixtures/testing/browser.ts';
import { makeRuns } from '../../../../fixtures/testing/histories.ts';
import { makeWorkspace } from '../../../../fixtures/testing/workspace.ts';
import type { HistoryEntry } from '../../history/read-history.ts';
import { renderHistoryPage } from './history-page.tsx';

const hostile = `<img src=x onerror=alert(1)>"'&lt;</script><script>alert(2)</script>\u202Egnp.exe`;
const asShown = hostile.replace('\u202E', '\uFFFD');

async function writePage(runs: HistoryEntry[]): Promise<string> {
  const file = join(await makeWorkspace(), 'index.html');
  const ledger = { lines: runs.length, head: 'f'.repeat(64), problem: null };
  const html = await renderHistoryPage({ runs, unreadable: [], ledger });
  await writeFile(file, html);
  return file;
}

test('2,000 runs are less than 2 MB, also of a fleet', async () => {
  const ledger = { lines: 2000, head: 'f'.repeat(64), problem: null };
  for (const databases of [['shop'], Array.from({ length: 200 }, (_, number) => `database_${number}`)]) {
    const html = await renderHistoryPage({ runs: makeRuns(2000, databases), unreadable: [], ledger });
    expect(Buffer.byteLength(html)).toBeLessThan(2_000_000);
  }
});

const reason = inject('skipped').browser;

describe.skipIf(reason !== null)(`the history in a browser${reason === null ? '' : `, skipped: ${reason}`}`, () => {
  afterAll(closeBrowser);

  test('asks for nothing and complains of nothing, and answers 2,000 runs', async () => {
    const runs = makeRuns(2000, ['shop', 'crm']);
    const { page, complaints, requests } = await openFile(await writePage(runs));
    expect(await page.textContent('#shown')).toBe('2000 of 2000 runs');
    expect(await page.locator('svg.chart').count()).toBe(6);
    await page.selectOption('[name=verdict]', 'not-verified');
    const bad = runs.filter(({ verdict }) => verdict === 'not-verified').length;
    expect(await page.textContent('#shown')).toBe(`${bad} of 2000 runs`);
    expect(await page.locator('#runs tbody tr:visible').count()).toBe(bad);
    expect([...complaints, ...requests]).toEqual([]);
  });

  test('is filtered by keyboard alone: table, days and charts', async () => {
    const runs = makeRuns(40, ['shop', 'crm']).map((run, index) => ({
      ...run,
      verdict: index % 2 === 0 ? ('verified' as const) : ('not-verified' as const),
    }));
    const { page } = await openFile(await writePage(runs));
    const isFocused = (name: string) => page.locator(`${name}:focus`).count();
    for (let presses = 0; (await isFocused('[name=database]')) === 0 && presses < 20; presses += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.type('crm');
    expect(await page.textContent('#shown')).toBe('20 of 40 runs');
    const shown = await page.locator('#runs tbody tr:visible td:nth-child(2)').allTextContents();
    expect(new Set(shown)).toEqual(new Set(['crm']));
    expect(await page.locator('.trend:visible').count()).toBe(1);
    const [verdict] = runs.filter(({ database }) => database === 'crm');
    expect(await page.locator(`use[data-day][href="#${verdict?.verdict ?? ''}"]`).count()).toBe(20);
    expect(new URL(page.url()).hash).toBe('#database=crm');

    for (const key of ['Tab', 'Tab', 'Tab', 'Enter']) await page.keyboard.press(key);
    await page.waitForFunction("document.getElementById('shown').textContent === '40 of 40 runs'");
    expect(await page.locator('use[data-day][href="#not-verified"]').count()).toBe(20);
  });

  test('what was filtered can be handed on as an address, and another one is passed over', async () => {
    const file = await writePage(makeRuns(40, ['shop', 'crm']));
    const { page } = await openFile(file);
    await page.goto(`${page.url().split('#')[0] ?? ''}?#database=crm&verdict=%3Cimg%3E&x=1`);
    expect(await page.textContent('#shown')).toBe('20 of 40 runs');
  });

  test('can be read without a script', async () => {
    const { page } = await openFile(await writePage(makeRuns(30, ['shop'])), { javaScriptEnabled: false });
    expect(await page.locator('#runs tbody tr').count()).toBe(30);
    expect(await page.locator('form').isVisible()).toBe(false);
  });

  test('shows hostile names as they are, and filters by them', async () => {
    const runs = makeRuns(10, [hostile, 'shop']).map((run) => ({ ...run, rehearsal: hostile, reason: hostile }));
    const { page, complaints, requests } = await openFile(await writePage(runs));
    expect(await page.locator('img, [onerror]').count()).toBe(0);
    await page.selectOption('[name=database]', { label: asShown });
    expect(await page.textContent('#shown')).toBe('5 of 10 runs');
    expect(await page.textContent('#runs tbody tr:visible td')).toBe(asShown);
    expect([...complaints, ...requests]).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('has nothing serious for axe-core, %s', async (colorScheme) => {
    const { page } = await openFile(await writePage(makeRuns(60, ['shop', 'crm'])), { colorScheme });
    expect(await findSerious(page)).toEqual([]);
  });

  test('is not wider than a phone or a sheet of paper', async () => {
    const runs = makeRuns(60, ['shop', 'a'.repeat(63)]);
    const { page } = await openFile(await writePage(runs), { viewport: { width: 360, height: 740 } });
    expect(await overflowOf(page)).toBe(0);
    await page.setViewportSize({ width: 680, height: 960 });
    await page.emulateMedia({ media: 'print' });
    expect(await overflowOf(page)).toBe(0);
  });

  test('says so where there is nothing', async () => {
    const { page, complaints } = await openFile(await writePage([]));
    expect(await page.textContent('.sentence')).toBe('Nothing has been rehearsed yet.');
    expect(complaints).toEqual([]);
  });
});
