import { cruise } from 'dependency-cruiser';
import extractConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';

const below = { 'src/system/a.ts': 'export type A = 1;\nexport const a = 1;\n' };

const { forbidden = [], options } = await extractConfig(
  fileURLToPath(new URL('../.dependency-cruiser.mjs', import.meta.url)),
);

/** The output of `npm run check:imports` on the imports of these files. */
async function lintImports(files: Record<string, string>): Promise<string> {
  const baseDir = await makeWorkspace({ 'package.json': '{}', 'scripts/x.ts': '', ...files });
  const asked = { ...options, ruleSet: { forbidden }, validate: true, outputType: 'err' as const, baseDir };
  const { output, exitCode } = await cruise(['src', 'scripts'], asked, {}, { tsConfig: {} });
  if (typeof output !== 'string') throw new TypeError('The report is no text.');
  expect(exitCode === 0).toBe(output.includes('no dependency violations found'));
  return output;
}

test.for([
  ['from below', { 'src/engine/b.ts': "import { a } from '../system/a.ts';\nexport const b = a;\n" }],
  ['of its own room', { 'src/system/b.ts': "import type { A } from './a.ts';\nexport type B = A;\n" }],
  [
    'of a test',
    {
      'src/system/b.test.ts': "import { c } from '../../scripts/c.ts';\nc();\n",
      'scripts/c.ts': 'export const c = 1;\n',
    },
  ],
] as [string, Record<string, string>][])('an import %s is allowed', async ([, files]) => {
  expect(await lintImports({ ...below, ...files })).toContain('no dependency violations found');
});

test.for([
  ['from above', "import { b } from '../engine/b.ts';\nexport const c = b;\n"],
  ['of a type from above', "import type { b } from '../engine/b.ts';\nexport type C = typeof b;\n"],
  ['of a type among others', "import { type b } from '../engine/b.ts';\nexport type C = typeof b;\n"],
  ['that is passed on', "export type { b } from '../engine/b.ts';\n"],
  ['while it runs', "export const c = await import('../engine/b.ts');\n"],
  ['within a type', "export type C = import('../engine/b.ts').B;\n"],
] as [string, string][])('an import %s is refused', async ([, text]) => {
  const files = { 'src/engine/b.ts': 'export const b = 1;\nexport type B = 1;\n', 'src/postgres/c.ts': text };
  expect(await lintImports(files)).toContain(
    'error src/postgres imports from below: src/postgres/c.ts → src/engine/b.ts',
  );
});

test('rooms of one layer do not know each other', async () => {
  const files = {
    'src/engine/a.ts': 'export type A = 1;\n',
    'src/snapshot/c.ts': "import type { A } from '../engine/a.ts';\nexport type C = A;\n",
  };
  expect(await lintImports(files)).toContain('error src/snapshot imports from below');
});

test.for([
  [
    'values',
    "import { a } from './a.ts';\nexport const b = () => a;\n",
    "import { b } from './b.ts';\nexport const a = () => b;\n",
  ],
  [
    'types',
    "import type { A } from './a.ts';\nexport type B = A[];\n",
    "import type { B } from './b.ts';\nexport type A = B[];\n",
  ],
] as [string, string, string][])('a cycle of %s is refused', async ([, b, a]) => {
  expect(await lintImports({ 'src/system/a.ts': a, 'src/system/b.ts': b })).toContain('error no-cycles');
});

test('a room without a layer is refused', async () => {
  const files = {
    'src/utils/u.ts': 'export const u = 1;\n',
    'scripts/c.ts': "import { u } from '../src/utils/u.ts';\nu;\n",
  };
  expect(await lintImports(files)).toContain('error every room of src has its layer');
});
