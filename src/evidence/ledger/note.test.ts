import { randomUUID } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeEvidence } from '../../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { addNote, type Note } from './add-note.ts';
import { adoptEvidence } from './adopt.ts';
import { hashOf, isNote, type LedgerLine, type RunLine } from './line.ts';
import { readLedger } from './read-ledger.ts';
import { recordEvidence } from './record.ts';
import { verifyLedger } from './verify.ts';

const any = { expectedHead: null };

async function makeLedger(runs: number): Promise<{ reports: string; lines: RunLine[] }> {
  const reports = join(await makeWorkspace(), 'reports');
  for (let n = 0; n < runs; n += 1) {
    const startedAt = new Date(Date.UTC(2026, 1, 9, 9, n)).toISOString();
    await recordEvidence(reports, makeEvidence({ id: randomUUID(), startedAt }), {});
  }
  return { reports, lines: ((await readLedger(reports))?.lines ?? []) as RunLine[] };
}

function noteOn(about: string, changes: Partial<Note> = {}): Note {
  return {
    about,
    by: 'Ada',
    action: 'https://tickets/1',
    text: null,
    retest: null,
    signOff: false,
    retires: false,
    ...changes,
  };
}

test('a note is a line of the chain, and runs go on after it', async () => {
  const { reports, lines } = await makeLedger(2);
  const [first, second] = lines as [RunLine, RunLine];
  const { end } = await addNote(reports, noteOn(first.id, { retest: second.id, signOff: true }), null);
  await recordEvidence(reports, makeEvidence({ id: randomUUID() }), {});
  expect(await verifyLedger(reports, any)).toMatchObject({ problem: null, lines: 4 });
  expect((await verifyLedger(reports, { expectedHead: end.head })).problem).toBeNull();
  const chain = await readLedger(reports);
  expect(chain?.lines.filter(isNote)).toMatchObject([
    { number: 3, about: first.id, retest: second.id, by: 'Ada', action: 'https://tickets/1', signOff: true },
  ]);
  expect((await adoptEvidence(reports)).adopted).toEqual([]);
});

test('a run is named by the start of its id, or by its directory', async () => {
  const { reports, lines } = await makeLedger(2);
  for (const { id, directory } of lines) {
    for (const name of [id, id.slice(0, 13), id.slice(0, 13).toUpperCase(), directory, `${directory}/`]) {
      expect((await addNote(reports, noteOn(name), null)).run.id).toBe(id);
    }
  }
});

test.for([
  ['no such run', () => noteOn('ffffffff-0000'), /has no run "ffffffff-0000"/],
  ['no run at all', () => noteOn(''), /has no run ""/],
  ['no such re-test', ([a]: RunLine[]) => noteOn(a?.id ?? '', { retest: 'nothing' }), /has no run "nothing"/],
  [
    'a re-test from before',
    ([a, b]: RunLine[]) => noteOn(b?.id ?? '', { retest: a?.id ?? '' }),
    /did not run after it/,
  ],
  ['a re-test that is the same', ([a]: RunLine[]) => noteOn(a?.id ?? '', { retest: a?.id ?? '' }), /did not run after/],
] as const)('refused: %s', async ([, note, message]) => {
  const { reports, lines } = await makeLedger(2);
  const before = await readFile(join(reports, 'ledger.jsonl'));
  await expect(addNote(reports, note(lines), null)).rejects.toMatchObject({
    code: 'BAD_USAGE',
    message: expect.stringMatching(message) as string,
  });
  expect(await readFile(join(reports, 'ledger.jsonl'))).toEqual(before);
});

test('the start of several ids names none of them', async () => {
  const reports = join(await makeWorkspace(), 'reports');
  for (const end of ['1', '2']) {
    await recordEvidence(reports, makeEvidence({ id: `5b3ff3b8-9a2e-4b8e-8a52-2f4d7a3f2c1${end}` }), {});
  }
  await expect(addNote(reports, noteOn('5b3f'), null)).rejects.toThrow(/"5b3f" is the start of 2 runs; give more/);
});

test('nothing is noted in a ledger that somebody has changed', async () => {
  const { reports, lines } = await makeLedger(1);
  await writeFile(join(reports, 'ledger.jsonl'), '{}\n');
  await expect(addNote(reports, noteOn(lines[0]?.id ?? ''), null)).rejects.toMatchObject({ code: 'LEDGER_BROKEN' });
});

test('what a killed writer has left of a line is removed by a note, too', async () => {
  const { reports, lines } = await makeLedger(1);
  await appendFile(join(reports, 'ledger.jsonl'), '{"ledger');
  await addNote(reports, noteOn(lines[0]?.id ?? ''), null);
  expect((await readLedger(reports))?.lines[1]).toMatchObject({ kind: 'note', cutBytes: 8 });
  expect((await verifyLedger(reports, any)).problem).toBeNull();
});

test.for([
  ['its words', (note: object) => ({ ...note, by: 'Eve' }), 'HEAD_DIFFERS'],
  ['the run that it is about', (note: object) => ({ ...note, about: randomUUID() }), 'NOTE_WRONG'],
  ['the evidence that it is about', (note: object) => ({ ...note, evidence: '0'.repeat(64) }), 'NOTE_WRONG'],
  ['the re-test', (note: object) => ({ ...note, retest: randomUUID() }), 'NOTE_WRONG'],
  ['a key that it has not', (note: object) => ({ ...note, files: {} }), 'LINE_UNREADABLE'],
] as const)('a note that was changed is found: %s', async ([, change, code]) => {
  const { reports, lines } = await makeLedger(1);
  const { end } = await addNote(reports, noteOn(lines[0]?.id ?? ''), null);
  const path = join(reports, 'ledger.jsonl');
  const texts = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const changed = JSON.stringify(change(JSON.parse(texts[1] ?? '') as LedgerLine));
  expect(hashOf(changed)).not.toBe(end.head);
  await writeFile(path, `${texts[0] ?? ''}\n${changed}\n`);
  expect((await verifyLedger(reports, { expectedHead: end.head })).problem).toMatchObject({ code });
});
