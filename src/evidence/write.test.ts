import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeEvidence } from '../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { renderMarkdown } from './sinks/markdown.ts';
import type { Evidence } from './schema.ts';
import { writeEvidence } from './write.ts';

test('evidence stands in a directory of its own, named for its time and rehearsal', async () => {
  const reports = join(await makeWorkspace(), 'deep', 'reports');
  const evidence = makeEvidence();
  const { directory: name } = await writeEvidence(reports, evidence, {
    'pg_restore.log': 'a line\n',
    'empty.log': ' \n',
  });
  expect(name).toBe('20260209T094803Z-clean-state');
  expect(await readdir(reports)).toEqual([name]);
  expect((await readdir(join(reports, name))).toSorted()).toEqual([
    'evidence.html',
    'evidence.json',
    'evidence.md',
    'pg_restore.log',
  ]);
  const read = (file: string) => readFile(join(reports, name, file), 'utf8');
  expect(JSON.parse(await read('evidence.json'))).toEqual(evidence);
  expect(await read('evidence.json')).toMatch(/\n}\n$/);
  expect(await read('evidence.md')).toBe(renderMarkdown(evidence));
  expect(await read('pg_restore.log')).toBe('a line\n');
});

test('logs hand no escape sequence of a dump on to a terminal', async () => {
  const reports = await makeWorkspace();
  const log = 'ERROR:  \u001b]0;evil\u0007 \u009b31m\u202e\n\tDETAIL:  Ключ\n';
  const { directory: name } = await writeEvidence(reports, makeEvidence(), { 'pg_restore.log': log });
  const written = await readFile(join(reports, name, 'pg_restore.log'), 'utf8');
  expect(written).toBe('ERROR:  \uFFFD]0;evil\uFFFD \uFFFD31m\uFFFD\n\tDETAIL:  Ключ\n');
});

test('who looks while evidence is written sees all of it or none', async () => {
  const reports = await makeWorkspace();
  const logs = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}.log`, 'x'.repeat(50_000)]));
  const writing = { done: false };
  const written = writeEvidence(reports, makeEvidence(), logs).finally(() => (writing.done = true));
  const seen = new Set<number>();
  while (!writing.done) {
    const names = (await readdir(reports)).filter((name) => !name.startsWith('.'));
    for (const name of names) seen.add((await readdir(join(reports, name))).length);
  }
  seen.add((await readdir(join(reports, (await written).directory))).length);
  expect([...seen]).toEqual([53]);
});

test('evidence of the same second gets a number, and nothing is overwritten', async () => {
  const reports = await makeWorkspace();
  const evidences = Array.from({ length: 5 }, (_, n) =>
    makeEvidence({ coverage: { checked: [`run ${n}`], notChecked: [] } }),
  );
  const names = await Promise.all(
    evidences.map((evidence) => writeEvidence(reports, evidence, {}).then(({ directory }) => directory)),
  );
  const base = '20260209T094803Z-clean-state';
  expect(names.toSorted()).toEqual([base, ...[2, 3, 4, 5].map((n) => `${base}-${n}`)]);
  expect((await readdir(reports)).toSorted()).toEqual(names.toSorted());
  for (const [index, name] of names.entries()) {
    const { coverage } = JSON.parse(await readFile(join(reports, name, 'evidence.json'), 'utf8')) as Evidence;
    expect(coverage.checked).toEqual([`run ${index}`]);
  }
});

test.for([
  ['a field is missing', (evidence: Evidence) => ({ ...evidence, previous: undefined })],
  ['there is a field too many', (evidence: Evidence) => ({ ...evidence, rows: [['secret']] })],
  ['a field is of the wrong kind', (evidence: Evidence) => ({ ...evidence, verdict: 'fine' })],
  ['a time is none', (evidence: Evidence) => ({ ...evidence, startedAt: '2026-02-09' })],
] as const)('where %s, nothing is written', async ([, spoil]) => {
  const reports = join(await makeWorkspace(), 'reports');
  await expect(writeEvidence(reports, spoil(makeEvidence()) as Evidence, {})).rejects.toThrow(
    expect.objectContaining({ name: 'ZodError' }) as Error,
  );
  expect(existsSync(reports)).toBe(false);
});

test('where a file cannot be written, nothing is left', async () => {
  const reports = await makeWorkspace();
  await expect(writeEvidence(reports, makeEvidence(), { 'no/such/directory.log': 'x' })).rejects.toMatchObject({
    code: 'ENOENT',
  });
  expect(await readdir(reports)).toEqual([]);
});

test('where the place is taken by a file, nothing is left and the file stays', async () => {
  const name = '20260209T094803Z-clean-state';
  const reports = await makeWorkspace({ [name]: 'not ours' });
  await expect(writeEvidence(reports, makeEvidence(), {})).rejects.toMatchObject({ code: 'ENOTDIR' });
  expect(await readdir(reports)).toEqual([name]);
  expect(await readFile(join(reports, name), 'utf8')).toBe('not ours');
});
