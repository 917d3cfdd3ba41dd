import { execa } from 'execa';
import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A project with one command, which says a word and where its module is. */
async function makeProject() {
  const read = (name: string) => readFile(join(root, 'scripts', name), 'utf8');
  const project = await makeWorkspace({
    'package.json': '{ "type": "module" }',
    'package-lock.json': '{}',
    'scripts/start.mjs': await read('start.mjs'),
    'scripts/frame.mjs': await read('frame.mjs'),
    'scripts/compiled.mjs': await read('compiled.mjs'),
    'scripts/bundle.mjs': await read('bundle.mjs'),
    'scripts/tell.ts': "import { tell } from '../src/tell.ts';\ntell(process.argv[2] as string);\n",
    'src/tell.ts': tells('said'),
  });
  const modules = join(project, 'node_modules');
  await mkdir(modules);
  for (const name of ['esbuild', 'tsx', 'get-tsconfig', 'resolve-pkg-maps']) {
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  const cache = join(modules, '.cache', 'restore-rehearsal');
  return {
    ...{ project, modules, cache },
    start: (word: string) =>
      execa('node', ['scripts/start.mjs', 'tell', word], { cwd: project, reject: false, all: true }),
    listCompiled: () => readdir(cache),
  };
}

const tells = (verb: string) =>
  `export const tell = (word: string): void => console.log(word, '${verb}', import.meta.url.replace(/.*\\/src/, 'src'));\n`;

test('a command is compiled once, and finds its neighbours where they were written', async () => {
  const { start, listCompiled } = await makeProject();
  expect((await start('one')).all).toBe('one said src/tell.ts');
  const compiled = await listCompiled();
  expect(compiled).toHaveLength(1);
  expect((await start('two')).all).toBe('two said src/tell.ts');
  expect(await listCompiled()).toEqual(compiled);
});

test('a change is there at the next start, and an error names the line that was written', async () => {
  const { start, project } = await makeProject();
  await start('one');
  await writeFile(join(project, 'src', 'tell.ts'), tells('SAID'));
  expect((await start('two')).all).toBe('two SAID src/tell.ts');
  await writeFile(join(project, 'src', 'tell.ts'), "\n\nexport const tell = (): void => { throw new Error('no'); };\n");
  const { all, exitCode } = await start('three');
  expect(all).toMatch(/reason of its own, not of a backup: Error: no[\s\S]*src\/tell\.ts:3:/);
  expect(exitCode).toBe(2);
});

test('several that start at once all come to their end, and leave one', async () => {
  const { start, listCompiled } = await makeProject();
  const all = await Promise.all(['a', 'b', 'c'].map(start));
  expect(all.map(({ stdout }) => stdout)).toEqual(['a', 'b', 'c'].map((word) => `${word} said src/tell.ts`));
  expect(await listCompiled()).toHaveLength(1);
});

test('where nothing can be written beside the packages, a command works all the same', async () => {
  const { start, modules } = await makeProject();
  await writeFile(join(modules, '.cache'), '');
  expect((await start('one')).all).toBe('one said src/tell.ts');
});

test('what only developers start, and cannot be compiled where nobody develops, keeps nothing from being compiled', async () => {
  const { start, listCompiled, project } = await makeProject();
  await writeFile(join(project, 'scripts', 'docs.ts'), "import 'not-installed';\n");
  expect((await start('one')).all).toBe('one said src/tell.ts');
  expect(await listCompiled()).toHaveLength(1);
});

test('a package that is loaded late is a module, or is not bundled', async () => {
  const bundle: string = './bundle.mjs';
  const { apart } = (await import(bundle)) as { apart: string[] };
  const late = new Set<string>();
  for (const file of await glob('{src,scripts}/**/*.{ts,tsx}', { cwd: root, ignore: '**/*.test.ts' })) {
    const text = await readFile(join(root, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/\bimport\('((?:@[\w-]+\/)?[a-z][\w-]*)[^']*'\)/g)) late.add(name);
  }
  const bundled = [...late].filter((name) => !apart.some((each) => each === name || each === `${name}/*`));
  expect(late).toContain('undici');
  for (const name of bundled.filter((each) => !apart.includes(each.replace(/\/.*/, '/*')))) {
    const { type } = JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8')) as Package;
    expect(type, name).toBe('module');
  }
});

interface Package {
  type?: string;
}

test('of what was compiled before, the newest four are left', async () => {
  const { start, listCompiled, cache } = await makeProject();
  for (const days of [1, 2, 3, 4, 5, 6]) {
    const directory = join(cache, `${days} days old`);
    await mkdir(directory, { recursive: true });
    const then = new Date(Date.now() - days * 24 * 60 * 60 * 1000);
    await utimes(directory, then, then);
  }
  await start('one');
  const left = (await listCompiled()).filter((name) => !/^[0-9a-f]{16}$/.test(name));
  expect(left.toSorted()).toEqual(['1 days old', '2 days old', '3 days old', '4 days old']);
});
