import { randomUUID } from 'node:crypto';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeEvidence } from '../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { recordEvidence } from '../evidence/ledger/record.ts';
import { mergeRuns } from './merge-part.ts';
import { writePart, type Part } from './part.ts';
import { sealPlan, type Plan } from './plan.ts';
import { readParts, whyMissing } from './read-parts.ts';

function planOf(names: string[], profile = 'fleet'): Plan {
  return sealPlan({
    ...{ planVersion: 1, profile, createdAt: '2026-02-09T09:00:00.000Z', frequencyMs: null, leftOut: [] },
    databases: names.map((name) => ({
      ...{ name, database: name, rehearsals: ['latest-backup'], engine: 'auto', image: 'postgres:16', overrides: {} },
      ...{ sizeBytes: null, sizeBy: null, expectedMs: 1, expectedBy: '', diskBytes: null },
      ...{ lastRun: null, overdueMs: null },
    })),
  });
}

const plan = planOf(['bank', 'shop']);

function partOf(hash: string, databases: string[], [index, total]: [number, number], isOver = true): Part {
  const at = '2026-02-09T10:00:00.000Z';
  return {
    ...{ partVersion: 1, plan: hash, shard: { index, total }, databases, host: 'vm', startedAt: at },
    finishedAt: isOver ? at : null,
  };
}

/** What a shard leaves that has rehearsed one database. */
async function makePart(database: string, shard: [number, number], hash = plan.hash): Promise<string> {
  const directory = join(await makeWorkspace(), 'part');
  await writePart(directory, partOf(hash, [database], shard));
  await recordEvidence(directory, makeEvidence({ id: randomUUID(), plan: { hash, database } }), {});
  return directory;
}

describe('parts', () => {
  test('of the plan are read, in any order, and each once', async () => {
    const [bank, shop] = [await makePart('bank', [1, 2]), await makePart('shop', [2, 2])];
    const { runs, parts, notThere } = await readParts([shop, bank, shop], plan);
    expect(runs.map(({ evidence }) => evidence.plan?.database).toSorted()).toEqual(['bank', 'shop']);
    expect(parts).toHaveLength(2);
    expect(notThere).toEqual([]);
  });

  test('that are not there, or are none, are said', async () => {
    const directory = await makeWorkspace({ 'none/part.json': '{}' });
    const { notThere } = await readParts([join(directory, 'gone'), join(directory, 'none')], plan);
    expect(notThere).toEqual([
      expect.stringMatching(/gone is not there$/),
      expect.stringMatching(/none has no part\.json that can be read$/),
    ]);
  });

  test('of another plan are refused', async () => {
    const other = planOf(['bank', 'shop'], 'another');
    await expectRefused(await makePart('bank', [1, 2], other.hash), /is of another plan \([0-9a-f]{12}, and this is/);
  });

  test('with evidence of a database that the plan does not have are refused', async () => {
    await expectRefused(await makePart('mail', [1, 2]), /has evidence of "mail", which is not in the plan/);
  });

  test.for(['evidence.json', 'evidence.md'])('in which %s was changed are refused', async (file) => {
    const part = await makePart('bank', [1, 2]);
    const run = (await readdir(part)).find((name) => name.endsWith('clean-state')) ?? '';
    await appendFile(join(part, run, file), ' ');
    await expectRefused(part, /is not as its shard has left it: /);
  });

  test('whose ledger was changed are refused', async () => {
    const part = await makePart('bank', [1, 2]);
    const ledger = join(part, 'ledger.jsonl');
    const text = await readFile(ledger, 'utf8');
    await writeFile(ledger, text.replace('"verdict":"verified"', '"verdict":"not-verified"'));
    await expectRefused(part, /is not as its shard has left it: /);
  });

  test('that say otherwise of a run that was merged are refused, and what was merged stays', async () => {
    const reports = join(await makeWorkspace(), 'reports');
    const part = await makePart('bank', [1, 2]);
    const { runs } = await readParts([part], plan);
    await mergeRuns(reports, runs, plan);
    const before = await readFile(join(reports, 'ledger.jsonl'), 'utf8');
    const changed = runs.map((run) => ({
      ...run,
      line: { ...run.line, files: { ...run.line.files, 'evidence.md': '0'.repeat(64) } },
    }));
    await expect(mergeRuns(reports, changed, plan)).rejects.toMatchObject({ code: 'PART_REFUSED' });
    expect(await readFile(join(reports, 'ledger.jsonl'), 'utf8')).toBe(before);
  });
});

describe('of a database without evidence', () => {
  test.for([
    [
      'a part that was not named',
      [partOf(plan.hash, ['bank'], [1, 3])],
      'it is of a part that was not merged: 2/3, 3/3',
    ],
    [
      'parts of different numbers',
      [partOf(plan.hash, ['bank'], [1, 2]), partOf(plan.hash, [], [1, 3])],
      'no part that was merged has it',
    ],
    [
      'a part that was killed',
      [partOf(plan.hash, ['shop'], [1, 1], false)],
      'part 1/1 on vm, which had it, started at 2026-02-09T10:00:00.000Z and did not come to its end',
    ],
    ['a part that has left it out', [partOf(plan.hash, ['shop'], [1, 1])], 'part 1/1 on vm came to its end without it'],
    ['no part', [], 'no part that was merged has it'],
  ] as [string, Part[], string][])('%s is why', ([, parts, why]) => {
    expect(whyMissing(parts)('shop')).toBe(why);
  });
});

async function expectRefused(part: string, message: RegExp): Promise<void> {
  await expect(readParts([part], plan)).rejects.toMatchObject({
    code: 'PART_REFUSED',
    message: expect.stringMatching(message) as string,
  });
}
