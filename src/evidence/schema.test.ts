import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { makeEvidence, passedStep, runFacts } from '../../fixtures/testing/evidence.ts';
import { buildEvidence } from './build.ts';
import { evidenceJsonSchema, evidenceSchema, type Evidence } from './schema.ts';

const file = new URL('../../docs/evidence.schema.json', import.meta.url);

const subject: Evidence['subject'] = {
  file: 'x.dump',
  sha256: 'a'.repeat(64),
  bytes: 7,
  takenAt: '2026-02-09T09:48:04.000Z',
  format: 'custom',
  dumpVersion: '16.4',
};
const full = buildEvidence({ ...runFacts, leftBehind: ['a directory'], errors: [{ code: 'X', message: 'y' }] }, [
  passedStep('Dump', { subject, facts: { bytes: 7, kept: false, file: null } }),
  passedStep('Compare', {
    counts: { users: { before: 3, after: null } },
    coverage: { checked: ['rows'], notChecked: [{ what: 'roles', why: 'not in the dump' }] },
  }),
]);

test('docs/evidence.schema.json is the schema that evidence is checked against', async () => {
  expect(await readFile(file, 'utf8')).toBe(`${JSON.stringify(evidenceJsonSchema(), null, 2)}\n`);
});

test('a finding of an earlier release, which knew no diff, is read', () => {
  const finding = { rule: 'X_Y', severity: 'error', object: 't', message: 'm', remedy: 'r' };
  const { findings } = evidenceSchema.parse({ ...makeEvidence(), findings: [finding] });
  expect(findings).toEqual([{ ...finding, diff: null }]);
});

describe('another program that has the published schema', () => {
  async function compile() {
    const schema = JSON.parse(await readFile(file, 'utf8')) as object;
    return new Ajv2020({ validateFormats: false, allowUnionTypes: true }).compile(schema);
  }

  test.for([
    ['of a rehearsal that passed', makeEvidence()],
    ['with everything in it', full],
    ['of a rehearsal that never began', buildEvidence(runFacts, [])],
  ] as const)('takes evidence %s', async ([, evidence]) => {
    const validate = await compile();
    expect(validate(JSON.parse(JSON.stringify(evidence)))).toBe(true);
  });

  test.for(Object.keys(makeEvidence()))('refuses evidence without %s', async (field) => {
    const validate = await compile();
    const rest = Object.fromEntries(Object.entries(makeEvidence()).filter(([name]) => name !== field));
    expect(validate(rest)).toBe(false);
    // Evidence of earlier releases is read here, and completed.
    expect(evidenceSchema.safeParse(rest).success).toBe(['rowHashes', 'about', 'plan'].includes(field));
  });

  test.for([
    ['a field of its own', { rows: [] }],
    ['another verdict', { verdict: 'fine' }],
    ['a time without milliseconds', { startedAt: '2026-02-09T09:48:03Z' }],
    ['a time of another zone', { startedAt: '2026-02-09T09:48:03.120+03:00' }],
    ['a negative count', { counts: { t: { before: -1, after: 0 } } }],
    ['half a count', { counts: { t: { before: 1 } } }],
    [
      'a row among the facts',
      { steps: [{ name: 'x', status: 'passed', durationMs: 1, facts: { row: [1] }, error: null }] },
    ],
    ['a digest that is none', { subject: { ...subject, sha256: 'A'.repeat(64) } }],
  ] as [string, object][])('refuses evidence with %s', async ([, changes]) => {
    const validate = await compile();
    const evidence = { ...makeEvidence(), ...changes };
    expect(validate(evidence)).toBe(false);
    expect(evidenceSchema.safeParse(evidence).success).toBe(false);
  });
});
