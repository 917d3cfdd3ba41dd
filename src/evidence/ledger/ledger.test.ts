import { createHash, randomUUID } from 'node:crypto';
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeEvidence } from '../../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import type { Evidence } from '../schema.ts';
import { encodeOwner, ownOwner } from '../../system/owner.ts';
import { adoptEvidence } from './adopt.ts';
import { removeDeadTurn } from './append.ts';
import { recordEvidence } from './record.ts';
import { verifyLedger } from './verify.ts';
import { writeEvidence } from '../write.ts';

const any = { expectedHead: null };

/** Evidence of the n-th run. */
function evidenceOf(n: number, changes: Partial<Evidence> = {}): Evidence {
  const startedAt = new Date(Date.UTC(2026, 1, 9, 9, n)).toISOString();
  return makeEvidence({ id: randomUUID(), startedAt, ...changes });
}

async function makeLedger(runs: number): Promise<string> {
  const reports = join(await makeWorkspace(), 'reports');
  for (let n = 0; n < runs; n += 1) {
    await recordEvidence(reports, evidenceOf(n, n === 2 ? { verdict: 'could-not-run' } : {}), {
      'pg_dump.log': 'a line',
    });
  }
  return reports;
}

test('every run has a line, also one that could not be run, and each evidence the hash of the line before', async () => {
  const reports = await makeLedger(4);
  const lines = (await readFile(join(reports, 'ledger.jsonl'), 'utf8')).trimEnd().split('\n');
  const hashes = lines.map((line) => createHash('sha256').update(line).digest('hex'));
  const directories = (await readdir(reports)).filter((name) => name.endsWith('-clean-state')).toSorted();
  const previous = await Promise.all(
    directories.map(async (name) => {
      const text = await readFile(join(reports, name, 'evidence.json'), 'utf8');
      return (JSON.parse(text) as Evidence).previous;
    }),
  );
  expect(previous).toEqual([null, ...hashes.slice(0, 3)]);
  expect(await verifyLedger(reports, any)).toMatchObject({
    problem: null,
    ...{ lines: 4, runs: 4, adopted: 0, signed: 0, head: hashes[3] },
  });
  expect(await verifyLedger(reports, { expectedHead: hashes[1] ?? '' })).toMatchObject({ problem: null });
});

test('runs that end at the same time make one chain', async () => {
  const reports = join(await makeWorkspace(), 'reports');
  const recorded = await Promise.all(
    Array.from({ length: 20 }, (_, n) => recordEvidence(reports, evidenceOf(n % 3), {})),
  );
  expect(recorded.map(({ ledger }) => ledger.lines).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, n) => n + 1),
  );
  expect(await verifyLedger(reports, any)).toMatchObject({ problem: null, lines: 20 });
  expect((await readdir(reports)).filter((name) => name.startsWith('.'))).toEqual([]);
});

describe('is found by its name:', () => {
  const ledger = 'ledger.jsonl';
  type Change = (reports: string, directories: string[]) => Promise<unknown>;
  const editLine =
    (place: number, edit: (line: string) => string): Change =>
    async (reports) => {
      const lines = (await readFile(join(reports, ledger), 'utf8')).split('\n');
      lines[place] = edit(lines[place] ?? '');
      await writeFile(join(reports, ledger), lines.join('\n'));
    };
  const changeLines =
    (change: (lines: string[]) => string[]): Change =>
    async (reports) => {
      const lines = (await readFile(join(reports, ledger), 'utf8')).trimEnd().split('\n');
      await writeFile(join(reports, ledger), `${change(lines).join('\n')}\n`);
    };
  const editFile =
    (n: number, file: string, edit: (text: string) => string): Change =>
    async (reports, directories) => {
      const path = join(reports, directories[n] ?? '', file);
      await writeFile(path, edit(await readFile(path, 'utf8')));
    };
  const last = editLine(4, (line) => line.replace('"verified"', '"not-verified"'));

  test.for<[string, Change, string, RegExp]>([
    [
      'a figure in the evidence',
      editFile(1, 'evidence.json', (text) => text.replace('"durationMs": 12', '"durationMs": 11')),
      'EVIDENCE_CHANGED',
      /evidence\.json was changed.*line 2/,
    ],
    [
      'a verdict in the evidence',
      editFile(2, 'evidence.json', (text) => text.replace('could-not-run', 'verified')),
      'EVIDENCE_CHANGED',
      /line 3/,
    ],
    ['a blank in the evidence', editFile(0, 'evidence.json', (text) => `${text} `), 'EVIDENCE_CHANGED', /line 1/],
    [
      'a word in evidence.md',
      editFile(0, 'evidence.md', (text) => text.replace('clean-state', 'other')),
      'EVIDENCE_CHANGED',
      /evidence\.md was changed/,
    ],
    ['a line of a log', editFile(4, 'pg_dump.log', () => 'another'), 'EVIDENCE_CHANGED', /pg_dump\.log was changed/],
    [
      'a file that is gone',
      async (reports, [first = '']) => rm(join(reports, first, 'evidence.md')),
      'EVIDENCE_MISSING',
      /evidence\.md of .* is gone/,
    ],
    [
      'a directory that is gone',
      async (reports, [, second = '']) => rm(join(reports, second), { recursive: true }),
      'EVIDENCE_MISSING',
      /the directory of .* is gone, which line 2 has/,
    ],
    [
      'a directory under another name',
      async (reports, [, second = '']) => rename(join(reports, second), join(reports, second.replace('0901', '0911'))),
      'EVIDENCE_MISSING',
      /line 2/,
    ],
    [
      'a file that somebody has put there',
      async (reports, [first = '']) => writeFile(join(reports, first, 'signed.pdf'), ''),
      'EVIDENCE_ADDED',
      /signed\.pdf is in no line/,
    ],
    [
      'a run that somebody has put there',
      async (reports, [first = '']) =>
        cp(join(reports, first), join(reports, first.replace('0900', '0950')), { recursive: true }),
      'EVIDENCE_ADDED',
      /095000Z-clean-state is in no line/,
    ],
    [
      'evidence of two runs that were exchanged',
      async (reports, [a = '', b = '']) => {
        await rename(join(reports, a), join(reports, 'x'));
        await rename(join(reports, b), join(reports, a));
        await rename(join(reports, 'x'), join(reports, b));
      },
      'EVIDENCE_CHANGED',
      /line 1/,
    ],
    [
      'a verdict in a line',
      editLine(1, (line) => line.replace('"verified"', '"not-verified"')),
      'LINE_CHANGED',
      /Line 2 .* was changed/,
    ],
    [
      'a hash in a line',
      editLine(0, (line) => line.replace(/(?<="evidence\.md":")./, (digit) => (digit === '0' ? '1' : '0'))),
      'LINE_CHANGED',
      /Line 1/,
    ],
    [
      'the time of a line',
      editLine(3, (line) => line.replace(/"writtenAt":"20../, '"writtenAt":"2025')),
      'LINE_CHANGED',
      /Line 4/,
    ],
    ['a verdict in the last line', last, 'LINE_CHANGED', /Line 5 says verdict not-verified, and .* says verified/],
    [
      'the rehearsal in the last line',
      editLine(4, (line) => line.replace('"rehearsal":"clean-state"', '"rehearsal":"faults"')),
      'LINE_CHANGED',
      /says rehearsal faults/,
    ],
    [
      'the database in the last line',
      editLine(4, (line) => line.replace('"database":"haircuttgbot"', '"database":"shop"')),
      'LINE_CHANGED',
      /says database shop/,
    ],
    [
      'the id in the last line',
      editLine(4, (line) => line.replace(/(?<="id":")./, (digit) => (digit === '0' ? '1' : '0'))),
      'LINE_CHANGED',
      /Line 5 says id /,
    ],
    ['a line that is no JSON', editLine(2, () => 'nothing'), 'LINE_UNREADABLE', /Line 3/],
    ['an empty line', editLine(2, () => ''), 'LINE_UNREADABLE', /Line 3/],
    ['a key that no run writes', editLine(2, (line) => line.replace('{', '{"note":1,')), 'LINE_UNREADABLE', /Line 3/],
    [
      'a directory outside',
      editLine(4, (line) => line.replace(/"directory":"/, '"directory":"../')),
      'LINE_UNREADABLE',
      /Line 5/,
    ],
    [
      'a file outside',
      editLine(4, (line) => line.replace('"pg_dump.log"', '"../pg_dump.log"')),
      'LINE_UNREADABLE',
      /Line 5/,
    ],
    [
      'a line that was removed',
      changeLines((lines) => lines.toSpliced(2, 1)),
      'LINE_MISSING',
      /1 run before .* was removed/,
    ],
    [
      'two lines that were removed',
      changeLines((lines) => lines.toSpliced(1, 2)),
      'LINE_MISSING',
      /2 runs before .* were removed/,
    ],
    ['the first line that was removed', changeLines((lines) => lines.slice(1)), 'LINE_MISSING', /1 run before/],
    [
      'a line that was written twice',
      changeLines((lines) => lines.toSpliced(2, 0, lines[1] ?? '')),
      'LINE_MOVED',
      /another order, or written twice/,
    ],
    [
      'lines in another order',
      changeLines(([a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest]),
      'LINE_MISSING',
      /Line 2/,
    ],
    [
      'a line that was cut',
      (reports) => truncate(join(reports, ledger), 700),
      'LINE_CUT',
      /Line \d .* was cut off after \d+ bytes/,
    ],
    ['a last line without its run', changeLines((lines) => lines.slice(0, -1)), 'EVIDENCE_ADDED', /is in no line/],
    ['no ledger', async (reports) => rm(join(reports, ledger)), 'LEDGER_MISSING', /There is no ledger/],
    ['an empty ledger', async (reports) => writeFile(join(reports, ledger), ''), 'LEDGER_MISSING', /nothing in it/],
    [
      'something behind the last line',
      async (reports) => appendFile(join(reports, ledger), '{}'),
      'LINE_CUT',
      /Line 6/,
    ],
  ])('%s', async ([, change, code, message]) => {
    const reports = await makeLedger(5);
    expect(await verifyLedger(reports, any)).toMatchObject({ problem: null });
    const directories = (await readdir(reports)).filter((name) => name.endsWith('-clean-state')).toSorted();
    await change(reports, directories);
    expect((await verifyLedger(reports, any)).problem).toEqual({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  test('a whole run that was taken from the end, by a head that was kept elsewhere', async () => {
    const reports = await makeLedger(3);
    const { head } = await verifyLedger(reports, any);
    const directories = (await readdir(reports)).filter((name) => name.endsWith('-clean-state')).toSorted();
    await changeLines((lines) => lines.slice(0, -1))(reports, []);
    await rm(join(reports, directories[2] ?? ''), { recursive: true });
    expect(await verifyLedger(reports, any)).toMatchObject({ problem: null, lines: 2 });
    expect((await verifyLedger(reports, { expectedHead: head })).problem).toMatchObject({ code: 'HEAD_DIFFERS' });
  });
});

test('what a killed writer has left of a line is removed by the next run, which says so', async () => {
  const reports = await makeLedger(2);
  const path = join(reports, 'ledger.jsonl');
  await appendFile(path, '{"ledgerVersion":1,"num');
  expect((await verifyLedger(reports, any)).problem).toMatchObject({ code: 'LINE_CUT' });
  await recordEvidence(reports, evidenceOf(7), {});
  expect((await verifyLedger(reports, any)).problem).toBeNull();
  const [, , line = ''] = (await readFile(path, 'utf8')).split('\n');
  expect(JSON.parse(line)).toMatchObject({ number: 3, cutBytes: 23 });
});

test('evidence from before there was a ledger is adopted, and marked so', async () => {
  const reports = join(await makeWorkspace(), 'reports');
  const old = await writeEvidence(reports, evidenceOf(1), {});
  const broken = await writeEvidence(reports, evidenceOf(2), {});
  await writeFile(join(reports, broken.directory, 'evidence.json'), '{}');
  await recordEvidence(reports, evidenceOf(3), {});
  expect((await verifyLedger(reports, any)).problem).toMatchObject({ code: 'EVIDENCE_ADDED' });
  const { adopted, passedOver, end } = await adoptEvidence(reports);
  expect({ adopted, lines: end.lines }).toEqual({ adopted: [old.directory], lines: 2 });
  expect(passedOver).toEqual([expect.stringContaining(broken.directory)]);
  await rm(join(reports, broken.directory), { recursive: true });
  expect(await verifyLedger(reports, any)).toMatchObject({ problem: null, lines: 2, adopted: 1 });
  expect((await adoptEvidence(reports)).adopted).toEqual([]);
});

test('what a killed writer has left of a line is removed, also where there is nothing to adopt', async () => {
  const reports = await makeLedger(1);
  await appendFile(join(reports, 'ledger.jsonl'), '{"ledger');
  expect(await adoptEvidence(reports)).toMatchObject({ adopted: [], cutBytes: 8 });
  expect(await verifyLedger(reports, any)).toMatchObject({ problem: null, lines: 1 });
  expect(await adoptEvidence(reports)).toMatchObject({ cutBytes: 0 });
});

test('a directory with a folder in it is not adopted, and that is said', async () => {
  const reports = await makeLedger(1);
  const { directory } = await writeEvidence(reports, evidenceOf(5), {});
  await mkdir(join(reports, directory, 'folder'));
  const { adopted, passedOver } = await adoptEvidence(reports);
  expect({ adopted, passedOver }).toEqual({
    adopted: [],
    passedOver: [expect.stringMatching(/: folder in it is no file/)],
  });
});

test('nothing is adopted into a ledger that somebody has changed', async () => {
  const reports = await makeLedger(2);
  await writeEvidence(reports, evidenceOf(5), {});
  await writeFile(join(reports, 'ledger.jsonl'), '{}\n');
  await expect(adoptEvidence(reports)).rejects.toMatchObject({ code: 'LEDGER_BROKEN' });
});

test('a run that was killed in its turn keeps nobody from theirs', async () => {
  const reports = await makeLedger(1);
  const lock = join(reports, '.ledger.jsonl.lock');
  const { startedAt, place } = await ownOwner(process.env['PATH'] ?? '');
  // A process of this number has started at another time.
  const holder = `${encodeOwner({ pid: process.pid, startedAt: startedAt - 1, place }, 'full')} 0123456789abcdef`;
  await writeFile(lock, holder);
  await Promise.all([1, 2, 3].map((n) => recordEvidence(reports, evidenceOf(n), {})));
  expect(await verifyLedger(reports, any)).toMatchObject({ problem: null, lines: 4 });
  await writeFile(lock, holder);
  await removeDeadTurn(reports);
  expect((await readdir(reports)).filter((name) => name.startsWith('.'))).toEqual([]);
});
