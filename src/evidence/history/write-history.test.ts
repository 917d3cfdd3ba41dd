import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { makeEvidence, makeOutcome } from '../../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { recordEvidence } from '../ledger/record.ts';
import type { Evidence } from '../schema.ts';
import { publishRun } from '../sinks/table.ts';
import { readHistory } from './read-history.ts';
import { writeHistory } from './write-history.ts';

function evidenceOf(minute: number, changes: Partial<Evidence> = {}): Evidence {
  const startedAt = `2026-02-09T10:${String(minute).padStart(2, '0')}:00.000Z`;
  const id = `5b3ff3b8-9a2e-4b8e-8a52-${String(minute).padStart(12, '0')}`;
  return { ...makeEvidence(), startedAt, finishedAt: startedAt, id, ...changes };
}

async function record(reports: string, ...evidences: Evidence[]): Promise<string[]> {
  const directories: string[] = [];
  for (const evidence of evidences) directories.push((await recordEvidence(reports, evidence, {})).directory);
  return directories;
}

const rowsOf = async (reports: string) =>
  (await readFile(join(reports, 'index.html'), 'utf8')).split('id="runs"')[1]?.match(/<tr><th scope="row">/g)?.length;

test('runs that end at once leave a history of all, and nothing else', async () => {
  const reports = await makeWorkspace();
  const ended = Array.from({ length: 12 }, async (_, minute) => {
    await recordEvidence(reports, evidenceOf(minute), {});
    await writeHistory(reports);
  });
  await Promise.all(ended);
  expect(await rowsOf(reports)).toBe(12);
  const hidden = (await readdir(reports)).filter((name) => name.startsWith('.'));
  expect(hidden).toEqual(['.history.json']);
});

test('evidence that was changed is read again, whatever was remembered of it', async () => {
  const reports = await makeWorkspace();
  const [directory = ''] = await record(reports, evidenceOf(1), evidenceOf(2));
  await readHistory(reports);
  const file = join(reports, directory, 'evidence.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"verdict": "verified"', '"verdict": "not-verified"'));
  const { runs } = await readHistory(reports);
  expect(runs.map(({ verdict, note }) => [verdict, note])).toEqual([
    ['verified', null],
    ['not-verified', 'the ledger says verified'],
  ]);
});

test('a run that the ledger has stays in the history when its evidence is gone', async () => {
  const reports = await makeWorkspace();
  const [gone = '', broken = ''] = await record(
    reports,
    evidenceOf(1, { verdict: 'not-verified' }),
    evidenceOf(2),
    evidenceOf(3),
  );
  await rm(join(reports, gone), { recursive: true });
  await writeFile(join(reports, broken, 'evidence.json'), '{"verdict": "verif');
  const { runs } = await readHistory(reports);
  expect(runs.map(({ verdict, page, note }) => [verdict, page, note])).toEqual([
    ['verified', 'evidence.html', null],
    ['verified', null, 'its evidence cannot be read'],
    ['not-verified', null, 'its evidence is gone'],
  ]);
});

test.each(['', '{', '{"version":1,"runs":{"x":1}}', '[]'])('what was remembered may be %j', async (content) => {
  const reports = await makeWorkspace({ '.history.json': content });
  await record(reports, evidenceOf(1));
  expect((await readHistory(reports)).runs).toHaveLength(1);
});

test('evidence without a line is said to be in no ledger, and a directory without evidence is named', async () => {
  const reports = await makeWorkspace();
  const [directory = ''] = await record(reports, evidenceOf(1));
  const other = directory.replace('T1001', 'T0900');
  await mkdir(join(reports, other));
  const text = await readFile(join(reports, directory, 'evidence.json'), 'utf8');
  await writeFile(join(reports, other, 'evidence.json'), text.replace('T10:01', 'T09:00'));
  await mkdir(join(reports, '20260101T000000Z-empty'));
  const { runs, unreadable } = await readHistory(reports);
  expect(runs.map(({ note }) => note)).toEqual([null, 'not in the ledger']);
  expect(unreadable).toEqual(['20260101T000000Z-empty']);
});

test('a history that cannot be made is said, and nothing else goes wrong', async () => {
  const reports = await makeWorkspace();
  const [directory = ''] = await record(reports, evidenceOf(1));
  await mkdir(join(reports, 'index.html', 'taken'), { recursive: true });
  const printed: string[] = [];
  const screen = { print: (text: string) => void printed.push(text), columns: null };
  await publishRun({ reports, outcomes: [makeOutcome(evidenceOf(1), directory)], screen });
  const text = stripVTControlCharacters(printed.join('\n'));
  expect(text).toMatch(/history {3}not made: E\w+.*npm run evidence -- index/);
  expect(text).toContain(join(directory, 'evidence.html'));
});
