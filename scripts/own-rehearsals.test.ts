import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makePlace, startScript } from '../fixtures/testing/run-rehearse.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';

/** In a directory that has no package.json: nothing is installed there, and nothing says that files are modules. */
const project = {
  'rehearsal.config.mjs': "export default { name: 'shop', database: { name: 'shop', owner: 'shop' } };",
  'rehearsals/names.json': '{ "first": "Look" }',
  'rehearsals/names.ts': "import names from './names.json';\nexport const nameOf = (): string => names.first;\n",
  'rehearsals/typed.rehearsal.ts': `
import { rehearsal } from 'restore-rehearsal';
import { expect } from 'vitest';
import { nameOf } from './names';

rehearsal((step) => {
  interface Answer { value: number }
  const answer = step(nameOf(), async () => ({ made: { value: 42 } satisfies Answer, summary: 'an answer' }));
  step('Use it', async (_drill, { answer }: { answer: Answer }) => {
    await using held = { [Symbol.asyncDispose]: () => Promise.resolve() };
    expect(held).toBeDefined();
    expect(answer.value).toBe(42);
    return { summary: \`it is \${answer.value}\` };
  }, { answer });
});
`,
  'rehearsals/broken.rehearsal.ts': "import { rehearsal } from 'restore-rehearsal';\nconst step: number = ;\n",
  'rehearsals/lost.rehearsal.mjs': "import { nothing } from './nowhere.mjs';\nnothing();\n",
  'rehearsals/thrown.rehearsal.ts': "const what: string = 'on purpose';\nthrow new Error(what);\n",
  'rehearsals/ends.rehearsal.mjs':
    'process.kill(process.pid, "SIGKILL"); await new Promise(() => setInterval(() => 0, 1000));',
};

async function rehearse(name: string) {
  const directory = await makeWorkspace(project);
  const config = join(directory, 'rehearsal.config.mjs');
  return startScript('rehearse', await makePlace(), [name, '--config', config]);
}

test('a rehearsal in TypeScript imports files of its own by any name, this package and Vitest', async () => {
  const { all, exitCode } = await rehearse('typed');
  expect(all).toMatch(/✔ Look .* an answer\n.*✔ Use it .* it is 42/);
  // It looked at no database.
  expect(exitCode).toBe(2);
});

test.for([
  ['is no TypeScript', 'broken', /broken\.rehearsal\.ts:2:22/],
  ['imports what is not there', 'lost', /Cannot find module '.*nowhere\.mjs' imported from .*lost\.rehearsal\.mjs/],
  ['throws', 'thrown', /on purpose/],
  ['ends its process', 'ends', /The process that ran the rehearsal was ended from outside/],
] as const)('a rehearsal that %s could not run, and it is said why', async ([, name, reason]) => {
  const { all, exitCode } = await rehearse(name);
  expect(all).toMatch(reason);
  expect(all).toMatch(/verdict +could-not-run/);
  expect(exitCode).toBe(2);
});
