import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { closeBrowser, findSerious, openFile, overflowOf } from '../../../../fixtures/testing/browser.ts';
import { makeEvidence } from '../../../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../../../fixtures/testing/workspace.ts';
import type { Evidence } from '../../schema.ts';
import { renderRunPage } from './run-page.tsx';

/** What names may bring: markup, quotes, the end of a script, text that runs backwards, escape sequences. */
const hostile = `<img src=x onerror=alert(1)>"'\`&lt;</title></style></script><script>alert(2)</script>\u202Egnp.exe\u001B[31m`;
const asShown = hostile.replace(/[\u202E\u001B]/g, '\uFFFD');

/** Evidence with everything that a page can show, and a name wherever one can be. */
function richEvidence(name = 'bookings'): Evidence {
  const finding = { object: name, message: `${name} has 3 rows, not 4`, remedy: `See to ${name}`, diff: null };
  const evidence = makeEvidence({
    verdict: 'not-verified',
    counts: {
      [name]: { before: 4, after: 3 },
      ...Object.fromEntries(tables.map((table) => [table, { before: 1, after: 1 }])),
    },
    subject: {
      file: `${name}.dump`,
      sha256: 'a'.repeat(64),
      bytes: 27_607,
      takenAt: '2026-02-09T09:00:00.000Z',
      format: 'custom',
      dumpVersion: '17.2',
    },
    findings: [
      { rule: 'ROW_COUNT_MISMATCH', severity: 'error', ...finding },
      { rule: 'SCHEMA_DIFFERS', severity: 'warning', ...finding, diff: `--- source\n+++ restored\n-${name}\n+other` },
    ],
    coverage: { checked: [name], notChecked: [{ what: name, why: `of ${name}` }] },
    controls: [
      {
        framework: 'SOC 2',
        clause: 'A1.3',
        title: 'it is tested',
        checks: ['row-counts'],
        status: 'not-supported',
        reason: name,
      },
    ],
    rowHashes: {
      environment: { PGTZ: name },
      tables: [
        {
          table: name,
          rows: 3,
          outcome: 'different',
          reason: name,
          sha256: 'b'.repeat(64),
          ofDump: `echo ${name}`,
          ofDatabase: name,
        },
      ],
    },
    selfChallenge: {
      ...{ tried: 1, caught: 0, missed: 1, notTried: 0 },
      faults: [
        {
          name,
          kind: 'archive',
          failsAt: name,
          finding: 'X',
          verdict: 'verified',
          outcome: 'missed',
          actual: name,
          reason: null,
        },
      ],
    },
    objectives: {
      rto: { targetMs: 3_600_000, measuredMs: 932, met: true, phases: { probe: 47, restore: 885 } },
      rpo: { targetMs: 60_000, measuredMs: 90_000, met: false, notApplicable: null },
    },
  });
  return {
    ...evidence,
    about: { profile: name, database: name, server: name, data: 'backup', host: name, label: name },
  };
}

const tables = Array.from({ length: 40 }, (_, number) => `table_${number}`);

async function writePage(evidence: Evidence, signedBy: string | null = null): Promise<string> {
  const directory = await makeWorkspace();
  const file = join(directory, 'evidence.html');
  await writeFile(file, renderRunPage(evidence, signedBy));
  return file;
}

const reason = inject('skipped').browser;

describe.skipIf(reason !== null)(
  `the page of a run in a browser${reason === null ? '' : `, skipped: ${reason}`}`,
  () => {
    afterAll(closeBrowser);

    test('asks for nothing and complains of nothing', async () => {
      const { page, complaints, requests } = await openFile(await writePage(richEvidence(), 'c'.repeat(64)));
      expect(await page.textContent('h1')).toBe('clean-state of bookings (bookings)');
      expect(await page.textContent('.verdict')).toBe('not-verified');
      expect(complaints).toEqual([]);
      expect(requests).toEqual([]);
    });

    test('shows hostile names as they are, and does nothing of what they ask for', async () => {
      const { page, complaints, requests } = await openFile(await writePage(richEvidence(hostile)));
      expect(await page.textContent('h1')).toBe(`clean-state of ${asShown} (${asShown})`);
      const text = await page.textContent('main');
      expect(text).toContain(`${asShown} has 3 rows, not 4`);
      expect(text).toContain(`-${asShown}`);
      expect(await page.getByLabel('Controls', { exact: true }).last().textContent()).toContain(asShown);
      expect(await page.locator('img, script, [onerror]').count()).toBe(0);
      expect(await page.content()).not.toMatch(/[\u202E\u001B]/);
      expect([...complaints, ...requests]).toEqual([]);
    });

    test.each(['light', 'dark'] as const)('has nothing serious for axe-core, %s', async (colorScheme) => {
      const { page } = await openFile(await writePage(richEvidence()), { colorScheme });
      expect(await findSerious(page)).toEqual([]);
    });

    test.each([richEvidence(), richEvidence('a'.repeat(63)), makeEvidence()])(
      'is not wider than a phone or a sheet of paper',
      async (evidence) => {
        const { page } = await openFile(await writePage(evidence), { viewport: { width: 360, height: 740 } });
        expect(await overflowOf(page)).toBe(0);
        await page.setViewportSize({ width: 680, height: 960 });
        await page.emulateMedia({ media: 'print' });
        expect(await overflowOf(page)).toBe(0);
      },
    );

    test('shows on paper what is folded on the screen', async () => {
      const { page } = await openFile(await writePage(richEvidence()));
      const last = page.getByText('table_39', { exact: true });
      expect(await last.isVisible()).toBe(false);
      await page.emulateMedia({ media: 'print' });
      expect(await last.isVisible()).toBe(true);
    });
  },
);
