import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { examineChoice } from './engines.ts';
import { isFit, type Diagnosis } from './diagnosis.ts';
import { examineNode, examineReports, examineTemporaryDirectory } from './machine.ts';

test.for([
  ['20.19.0', 'works'],
  ['22.0.0', 'works'],
  ['20.18.3', 'broken'],
  ['18.20.0', 'broken'],
] as const)('Node.js %s %s', ([version, state]) => {
  expect(examineNode(version).state).toBe(state);
});

test('a temp directory works where a rehearsal could use it, and nothing stays in it', async () => {
  const temporaryDirectory = await makeWorkspace();
  expect(await examineTemporaryDirectory({ ...readEnvironment(), temporaryDirectory })).toMatchObject({
    state: 'works',
    text: expect.stringMatching(/, [\d.]+ GB free$/) as string,
  });
  expect(await readdir(temporaryDirectory)).toEqual([]);
});

test('a temp directory that is not there, or has too long a path for a Unix socket, does not', async () => {
  const workspace = await makeWorkspace();
  const long = join(workspace, 'x'.repeat(60));
  await mkdir(long);
  for (const [temporaryDirectory, reason] of [
    [join(workspace, 'none'), /cannot be written to \(ENOENT\)/],
    [long, /too long for the path of a Unix socket/],
  ] as const) {
    const examination = await examineTemporaryDirectory({ ...readEnvironment(), temporaryDirectory });
    expect(examination).toMatchObject({ state: 'broken', text: expect.stringMatching(reason) as string });
    expect(examination.remedy).toContain('TMPDIR=/tmp');
  }
  expect(await readdir(long)).toEqual([]);
});

test('reports may not be there yet, where they can be made', async () => {
  const workspace = await makeWorkspace();
  expect(await examineReports(join(workspace, 'a', 'b'))).toMatchObject({ state: 'works' });
});

test.skipIf(process.getuid?.() === 0)('reports that cannot be written are found', async () => {
  const workspace = await makeWorkspace();
  await chmod(workspace, 0o555);
  expect(await examineReports(join(workspace, 'a'))).toMatchObject({ state: 'broken' });
  await chmod(workspace, 0o755);
});

test.for([
  ['auto', 'broken', 'works', true],
  ['auto', 'works', 'broken', true],
  ['auto', 'broken', 'broken', false],
  ['docker', 'broken', 'works', false],
  ['docker', 'may-work', 'broken', true],
  ['local', 'works', 'broken', false],
] as const)('with engine %s, docker that is %s and local that is %s: fit %s', ([wanted, docker, local, expected]) => {
  const engines = [
    { name: 'docker', state: docker, text: '' },
    { name: 'local', state: local, text: '' },
  ];
  const machine: Diagnosis[] = [{ name: 'profile', state: 'works', text: '' }];
  expect(isFit(machine, engines, wanted)).toBe(expected);
  expect(isFit([{ name: 'profile', state: 'broken', text: '' }], engines, wanted)).toBe(false);
});

test.for([
  ['auto', 'works', 'works', 'works', /^docker: with engine auto it comes first$/],
  ['auto', 'may-work', 'works', 'works', /^docker, if it can fetch the image; else local/],
  ['auto', 'broken', 'works', 'works', /^local: Docker is passed over, for no daemon$/],
  ['auto', 'may-work', 'broken', 'may-work', /^docker$/],
  ['auto', 'broken', 'broken', 'broken', /^none$/],
  ['local', 'works', 'works', 'works', /^local: .* asks for it, so Docker is passed over$/],
  ['docker', 'broken', 'works', 'broken', /^docker: .* asks for it/],
] as const)(
  'with engine %s, docker that is %s and local that is %s, a drill is %s',
  ([wanted, docker, local, state, text]) => {
    const choice = examineChoice(
      { name: 'docker', state: docker, text: 'no daemon' },
      { name: 'local', state: local, text: '' },
      wanted,
    );
    expect(choice.state).toBe(state);
    expect(choice.text).toMatch(text);
  },
);
