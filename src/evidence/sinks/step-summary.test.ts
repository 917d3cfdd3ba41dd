import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeEvidence, makeOutcome } from '../../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import type { Evidence } from '../schema.ts';
import { nowhere } from './sink.ts';
import { renderStepSummary, stepSummary } from './step-summary.ts';

function finding(message: string, object = 'users'): Evidence['findings'][number] {
  return { rule: 'ROW_COUNT_MISMATCH', severity: 'error', object, message, remedy: 'Look.', diff: null };
}

function outcome(changes: Parameters<typeof makeEvidence>[0] = {}) {
  return makeOutcome(makeEvidence(changes), '20260209T094803Z-clean-state');
}

async function deliver(file: string, outcomes: ReturnType<typeof outcome>[]): Promise<void> {
  const screen = { print: () => undefined, columns: null };
  const destinations = { ...nowhere, stepSummary: file };
  await stepSummary.deliver({ reports: '', outcomes, verdict: 'verified', screen, destinations, remarks: [] });
}

test('it says verdict, database, counts, targets and findings', () => {
  const findings = [finding('users: expected 3 rows, found 2.')];
  const text = renderStepSummary([
    outcome({ verdict: 'not-verified', findings, counts: { users: { before: 3, after: 2 } } }),
  ]);
  expect(text).toBe(`❌ **1 of 1 not-verified**: clean-state of haircuttgbot (ROW\\_COUNT\\_MISMATCH)

## ❌ Restore rehearsal clean-state of haircuttgbot: not-verified

The backup did not come back as it was. The findings say what is wrong.

- **ROW_COUNT_MISMATCH** (error, users): users: expected 3 rows, found 2.
  What to do: Look.

|  |  |
| --- | --- |
| Database | haircuttgbot, profile haircuttgbot |
| Rehearsed | 2026-02-09T09:48:03.120Z, took 2.5s, on ci-1 |
| Started by | anna, at commit 0123456789ab with changes |
| RTO | not measured, target 1h |
| RPO | not measured, target 1d |
| Evidence | 5b3ff3b8-9a2e-4b8e-8a52-2f4d7a3f2c11 |
| Signature | not signed |
| Directory | 20260209T094803Z-clean-state |

| Table | Before | After |  |
| --- | --- | --- | --- |
| users | 3 | 2 | **differs** |

`);
});

test('of several rehearsals, the first lines name those that failed, and each has a heading', () => {
  const text = renderStepSummary([
    outcome(),
    outcome({ rehearsal: 'upgrade', verdict: 'could-not-run' }),
    outcome({ rehearsal: 'latest-backup', verdict: 'not-verified', findings: [finding('x')] }),
  ]);
  expect(text.split('\n\n').slice(0, 2)).toEqual([
    '❌ **1 of 3 not-verified**: latest-backup of haircuttgbot (ROW\\_COUNT\\_MISMATCH)',
    '⚠️ **1 of 3 could-not-run**: upgrade of haircuttgbot',
  ]);
  expect(text.match(/^## .*$/gm)).toEqual([
    '## ✅ Restore rehearsal clean-state of haircuttgbot: verified',
    '## ⚠️ Restore rehearsal upgrade of haircuttgbot: could-not-run',
    '## ❌ Restore rehearsal latest-backup of haircuttgbot: not-verified',
  ]);
});

test.for(['# heading', 'a\n# heading', '<img src=x>', '| b |', '**bold**', '`code`', '[x](http://y)', '\u001b[31m'])(
  'the name %j brings no markup',
  (name) => {
    const error = { code: 'INTERNAL', message: name };
    const steps: Evidence['steps'] = [{ name: 'Dump', status: 'failed', durationMs: 1, facts: {}, error }];
    const text = renderStepSummary([
      outcome({ findings: [finding(name, name)], counts: { [name]: { before: 1, after: 1 } }, steps }),
    ]);
    const foreign = text.replace(/\\[\\`*_[\]<>|#~&]/g, '');
    expect(foreign).not.toMatch(/<img|`code|\[x\]|^# |\*\*bold|\u001b/m);
    expect(text.match(/^## /gm)).toHaveLength(1);
  },
);

test('what is not equal comes first where there are more tables than are shown', () => {
  const counts = Object.fromEntries(
    Array.from({ length: 300 }, (_, n) => [`t${n}`, { before: 1, after: n === 250 ? 0 : 1 }]),
  );
  const text = renderStepSummary([outcome({ counts })]);
  expect(text).toMatch(/\| --- \|\n\| t250 \| 1 \| 0 \| \*\*differs\*\* \|\n/);
  expect(text).toContain('\n\n200 more tables are in evidence.md.\n');
});

test('GitHub shows nothing of more than 1 MiB: what is longer is cut, and says so', async () => {
  const file = join(await makeWorkspace(), 'summary.md');
  await writeFile(file, 'x'.repeat(600_000));
  const long = outcome({ findings: Array.from({ length: 50 }, () => finding('ключ '.repeat(2000))) });
  await deliver(
    file,
    Array.from({ length: 5 }, () => long),
  );
  const bytes = await readFile(file);
  expect(bytes.length).toBeGreaterThan(900_000);
  expect(bytes.length).toBeLessThanOrEqual(1_000_000);
  expect(bytes.toString()).not.toContain('\uFFFD');
  expect(bytes.toString()).toMatch(/\n\n\*\*Cut here: GitHub shows no more\. evidence\.md has all of it\.\*\*\n\n$/);

  await appendFile(file, 'x'.repeat(1_000_000));
  const full = (await readFile(file)).length;
  await deliver(file, [long]);
  expect((await readFile(file)).length).toBe(full);
});

test('it is appended to what other commands of the step have said', async () => {
  const file = join(await makeWorkspace({ 'summary.md': 'before\n' }), 'summary.md');
  await deliver(file, [outcome()]);
  await deliver(file, [outcome()]);
  expect((await readFile(file, 'utf8')).match(/^before$|^## /gm)).toEqual(['before', '## ', '## ']);
});
