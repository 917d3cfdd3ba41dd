import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { planJsonSchema, readPlan, sealPlan, serializePlan, type PlanContent } from './plan.ts';

const content: PlanContent = {
  ...{ planVersion: 1, profile: 'fleet', createdAt: '2026-02-09T09:48:03.000Z', frequencyMs: null, leftOut: [] },
  databases: [
    {
      ...{ name: 'shop', database: 'shop', rehearsals: ['latest-backup'], engine: 'auto', image: 'postgres:16' },
      ...{ sizeBytes: 7, sizeBy: 'its size', expectedMs: 1, expectedBy: 'its size', diskBytes: 9 },
      ...{ lastRun: null, overdueMs: null, overrides: { tables: ['users'] } },
    },
  ],
};

async function write(text: string): Promise<string> {
  const file = join(await makeWorkspace(), 'plan.json');
  await writeFile(file, text);
  return file;
}

test('a plan is read as it was written', async () => {
  const plan = sealPlan(content);
  expect(await readPlan(await write(serializePlan(plan)))).toEqual(plan);
});

test('docs/plan.schema.json is the schema of plans', async () => {
  const file = new URL('../../docs/plan.schema.json', import.meta.url);
  expect(await readFile(file, 'utf8')).toBe(`${JSON.stringify(planJsonSchema(), null, 2)}\n`);
});

describe('what is no plan is refused', () => {
  const plan = sealPlan(content);
  const twice = sealPlan({ ...content, databases: [...content.databases, ...content.databases] });
  test.each([
    ['a database less', serializePlan({ ...plan, databases: twice.databases }), /was changed after it was written/],
    ['another hash', serializePlan({ ...plan, hash: 'a'.repeat(64) }), /was changed/],
    ['a name twice', serializePlan(twice), /two databases of the same name/],
    ['half of it', serializePlan(plan).slice(0, 200), /is no JSON, or was cut off/],
    ['another file', '{"name": "x"}', /is no plan/],
    ['none at all', serializePlan(sealPlan({ ...content, databases: [] })), /is no plan: databases/],
    ['nothing', '', /is no JSON/],
  ])('%s', async (_, text, message) => {
    await expect(readPlan(await write(text))).rejects.toThrow(message);
  });

  test('a file that is not there', async () => {
    await expect(readPlan('/nowhere/plan.json')).rejects.toThrow(/\/nowhere\/plan.json cannot be read/);
  });
});
