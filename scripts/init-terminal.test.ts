import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { keys, runAtTerminal, type Pressed } from '../fixtures/testing/terminal.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';

const start = fileURLToPath(new URL('start.mjs', import.meta.url));

const compose = `
services:
  first: { image: 'postgres:16', environment: { POSTGRES_DB: one } }
  second: { image: 'postgres:17', environment: { POSTGRES_DB: two, POSTGRES_USER: owner } }
  web:
    image: shop/web
    ports: ['8080:80']
    depends_on: [second]
`;

const which: Pressed = ['Which one is backed up?', `${keys.down}${keys.enter}`];
const health: Pressed = ['says that it is healthy', `/up${keys.enter}`];
const night: Pressed = ['run the drill every night?', keys.enter];

function initAt(cwd: string, presses: readonly Pressed[]) {
  const command = `'${process.execPath}' '${start}' init --no-drill`;
  return runAtTerminal(command, { cwd, env: { DOCKER_HOST: 'unix:///nowhere', CI: '' } }, presses);
}

test('a person answers what could not be found out, and what they answered is written', async () => {
  const directory = await makeWorkspace({ "it's a $(shop)/compose.yaml": compose });
  const cwd = join(directory, "it's a $(shop)");
  const { exitCode, screen } = await initAt(cwd, [which, health, night]);
  expect(exitCode, screen).toBe(0);
  const profile = await readFile(join(cwd, 'rehearsal.config.ts'), 'utf8');
  expect(profile).toContain("database: { name: 'two', owner: 'owner' }");
  expect(profile).toContain("health: { path: '/up' }");
  expect(profile).toContain("composeService: 'second'");
  expect((await readdir(cwd)).toSorted()).toEqual(['.gitignore', 'compose.yaml', 'rehearsal.config.ts', 'rehearsals']);
});

test.for([
  ['the first question', keys.interrupt, []],
  ['a text', keys.interrupt, [which]],
  ['the last question', keys.interrupt, [which, health]],
  ['the last question, with Escape', keys.escape, [which, health]],
] as const)('leaving at %s writes nothing, and is no success', async ([, key, answered]) => {
  const cwd = await makeWorkspace({ 'compose.yaml': compose });
  const [shown] = [which, health, night][answered.length] ?? ['', ''];
  const { exitCode, screen } = await initAt(cwd, [...answered, [shown, key]]);
  expect(exitCode, screen).toBe(2);
  expect(screen).toContain('Cancelled. Nothing was written.');
  expect(await readdir(cwd)).toEqual(['compose.yaml']);
});
