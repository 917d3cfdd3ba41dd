import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { chosenBackup } from '../../../fixtures/testing/dumps.ts';
import { makeEvidence } from '../../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { profileSchema } from '../../config/profile.ts';
import type { Evidence } from '../../evidence/schema.ts';
import { writeEvidence } from '../../evidence/write.ts';
import { Drill } from '../drill.ts';
import { Run } from '../run.ts';
import { runStep } from '../step.ts';
import type { Milestone } from '../stopwatch.ts';
import { judgeBackup } from './judge-backup.ts';

const hour = 3_600_000;
const marks: Milestone[] = ['gone', 'chosen', 'served', 'examined', 'recreated', 'restored', 'compared', 'answering'];
const description = {
  database: 'shop',
  serverVersion: '16.4',
  dumpVersion: '16.4',
  madeAt: null,
};

interface Situation {
  ageMs?: number;
  sha256?: string;
  rows?: number;
  frequency?: number;
  earlier?: (Partial<Evidence> & { ageMs: number; rows: number; sha256?: string; database?: string })[];
}

async function judge({ ageMs = hour, sha256 = 'b', rows = 100, frequency, earlier = [] }: Situation) {
  const reports = await makeWorkspace();
  const input = { name: 'shop', database: { name: 'shop', owner: 'shop' } };
  const profile = profileSchema.parse({ ...input, evidence: { directory: reports } });
  const run = await Run.create();
  const drill = new Drill(run, {
    directory: '/',
    profile: { ...profile, evidence: { directory: reports, ...(frequency !== undefined && { frequency }) } },
  });
  onTestFinished(async () => {
    await run.dispose();
  });
  const at = (age: number) => new Date(run.startedAt.getTime() - age);
  for (const { ageMs: earlierAge, rows: earlierRows, sha256: hash = 'a', database = 'shop', ...changes } of earlier) {
    const [step] = makeEvidence().steps;
    const evidence = makeEvidence({
      rehearsal: 'latest-backup',
      startedAt: at(earlierAge).toISOString(),
      subject: {
        file: 'shop.dump',
        sha256: hash.repeat(64),
        bytes: 1,
        takenAt: at(earlierAge).toISOString(),
        format: 'custom',
        dumpVersion: '16.4',
      },
      counts: { orders: { before: earlierRows, after: earlierRows } },
      ...(step && { steps: [{ ...step, facts: { database } }] }),
      ...changes,
    });
    await writeEvidence(reports, evidence, {});
  }
  const backup = chosenBackup({ description, takenAt: at(ageMs) }, { sha256: sha256.repeat(64), sizeBytes: 1 });
  const counts = { orders: { before: rows, after: rows } };
  for (const [index, mark] of marks.entries()) drill.stopwatch.mark(mark, index * 100);
  const { meta } = await runStep(drill, judgeBackup, { backup, counts, freshness: {} });
  const { contribution, error, status } = meta;
  expect(error).toBeNull();
  return { ...contribution, status, rules: contribution.findings?.map(({ rule }) => rule) };
}

test('a backup of today that is the first of its kind passes; what it took is split by phase', async () => {
  const { rules, objectives, checks } = await judge({});
  expect(rules).toEqual([]);
  expect(objectives?.rpo).toEqual({ targetMs: 24 * hour, measuredMs: hour, met: true, notApplicable: null });
  expect(objectives?.rto).toMatchObject({ measuredMs: 700, phases: { examine: 100, application: 100 } });
  expect(checks?.find(({ id }) => id === 'volume')).toMatchObject({ status: 'not-applicable' });
});

test.each<[string, Situation, string[]]>([
  ['older than the RPO', { ageMs: 25 * hour }, ['BACKUP_STALE']],
  ['with fewer rows', { rows: 79, earlier: [{ ageMs: 25 * hour, rows: 100 }] }, ['TABLE_SHRANK']],
  ['with about as many rows', { rows: 81, earlier: [{ ageMs: 25 * hour, rows: 100 }] }, []],
  [
    'with fewer rows than the last one that was verified',
    {
      rows: 79,
      earlier: [
        { ageMs: 49 * hour, rows: 100 },
        { ageMs: 25 * hour, rows: 79, verdict: 'not-verified' },
      ],
    },
    ['TABLE_SHRANK'],
  ],
  [
    'with fewer rows than long ago, but not than last time',
    {
      rows: 79,
      earlier: [
        { ageMs: 49 * hour, rows: 1000 },
        { ageMs: 25 * hour, rows: 80 },
      ],
    },
    [],
  ],
  ['with fewer rows than another database', { rows: 1, earlier: [{ ageMs: 25 * hour, rows: 9, database: 'b' }] }, []],
  ['with fewer rows than a newer backup', { rows: 1, ageMs: 2 * hour, earlier: [{ ageMs: hour, rows: 9 }] }, []],
  [
    'that is the one of last time, though another was due',
    { ageMs: 13 * hour, sha256: 'a', frequency: 12 * hour, earlier: [{ ageMs: 13 * hour, rows: 100 }] },
    ['BACKUP_UNCHANGED'],
  ],
  [
    'that is the one of last time, and none was due',
    { ageMs: 11 * hour, sha256: 'a', frequency: 12 * hour, earlier: [{ ageMs: 11 * hour, rows: 100 }] },
    [],
  ],
])('a backup %s', async (_, situation, rules) => {
  expect((await judge(situation)).rules).toEqual(rules);
});

test('earlier evidence that cannot be read counts for nothing', async () => {
  const reports = await makeWorkspace();
  await mkdir(join(reports, '20260209T094803Z-latest-backup'));
  await writeFile(join(reports, '20260209T094803Z-latest-backup', 'evidence.json'), '{"verdict": "verified"');
  const { readEarlier } = await import('../../evidence/earlier.ts');
  const found = [];
  for await (const evidence of readEarlier(reports, 'latest-backup')) found.push(evidence);
  expect(found).toEqual([]);
});
