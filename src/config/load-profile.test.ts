import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { loadProfile, type LoadedProfile } from './load-profile.ts';

const minimal = { name: 'elsewhere', database: { name: 'app', owner: 'app' }, seed: ['seed/schema.sql'] };
const text = JSON.stringify(minimal);

async function load(files: Record<string, string>, file: string): Promise<LoadedProfile> {
  const directory = await makeWorkspace({ 'seed/schema.sql': 'select 1;', ...files });
  return loadProfile(join(directory, file));
}

async function loadError(files: Record<string, string>, file = 'profile.mjs'): Promise<string> {
  const error: unknown = await load(files, file).then(
    () => new Error('The profile was taken.'),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'PROFILE_INVALID' });
  return (error as Error).message;
}

test('a profile with only what is needed gets the defaults', async () => {
  const { file, directory, profile } = await load({ 'profile.mjs': `export default ${text};` }, 'profile.mjs');
  expect(file).toBe(join(directory, 'profile.mjs'));
  expect(profile).toEqual({
    ...minimal,
    postgres: { engine: 'auto', image: 'postgres:16-alpine' },
    seed: [join(directory, 'seed/schema.sql')],
    sources: { within: 12 * 3_600_000 },
    tables: [],
    objectives: { rto: 3_600_000, rpo: 86_400_000 },
    ownership: 'runbook',
    restoreAs: 'operator',
    roles: [],
    extensions: [],
    tolerate: [],
    writes: [],
    materializedViews: { withinMs: 60_000 },
    volume: { mayShrinkBy: 0.2, tables: {} },
    upgrade: {},
    evidence: { directory: join(directory, 'reports') },
  });
});

test('an application and backups get their defaults, too', async () => {
  const profile = { ...minimal, app: { command: ['x'], probes: [{ path: '/a' }] }, backups: { directory: 'b' } };
  const loaded = await load({ 'profile.mjs': `export default ${JSON.stringify(profile)};` }, 'profile.mjs');
  expect(loaded.profile).toMatchObject({
    app: {
      command: ['x'],
      port: 8080,
      env: {},
      health: { path: '/health', status: 200, withinMs: 30_000 },
      probes: [{ method: 'GET', path: '/a', headers: {}, status: 200, withinMs: 10_000 }],
    },
    backups: { directory: join(loaded.directory, 'b'), keepDaily: 7, pruneAfter: 7 * 86_400_000 },
  });
});

test('paths may be absolute', async () => {
  const directory = await makeWorkspace({ 'schema.sql': '' });
  const absolute = {
    ...minimal,
    seed: [join(directory, 'schema.sql')],
    backups: { directory: '/var/backups' },
    evidence: { directory: '/var/reports' },
  };
  const { profile } = await load({ 'profile.mjs': `export default ${JSON.stringify(absolute)};` }, 'profile.mjs');
  expect(profile).toMatchObject(absolute);
});

test.for([
  [{ key: 'keys/evidence.key' }, 'key'],
  [{ command: ['sign'], publicKey: 'keys/evidence.key' }, 'publicKey'],
] as const)('the file of %j is looked for beside the profile', async ([signing, key]) => {
  const profile = JSON.stringify({ ...minimal, evidence: { signing } });
  const loaded = await load({ 'profile.mjs': `export default ${profile};`, 'seed/schema.sql': '' }, 'profile.mjs');
  expect(loaded.profile.evidence.signing?.[key]).toBe(join(loaded.directory, 'keys/evidence.key'));
});

test('a loaded profile cannot be changed, at any depth', async () => {
  const loaded = await load({ 'profile.mjs': `export default ${text};` }, 'profile.mjs');
  expect(() => {
    loaded.profile.database.name = 'other';
  }).toThrow(TypeError);
  expect(() => loaded.profile.seed.push('other.sql')).toThrow(TypeError);
  expect(() => {
    Object.assign(loaded, { directory: '/' });
  }).toThrow(TypeError);
});

test.for([
  ['TypeScript', 'profile.ts', `const name: string = 'elsewhere';\nexport default { ...${text}, name };`, null],
  ['TypeScript in a CommonJS package', 'profile.ts', `export default ${text} as object;`, 'commonjs'],
  ['TypeScript in a package of modules', 'profile.ts', `export default ${text} as object;`, 'module'],
  ['a module', 'profile.mjs', `export default ${text};`, null],
  ['a module in a CommonJS package', 'profile.mjs', `export default ${text};`, 'commonjs'],
  ['CommonJS in a CommonJS package', 'profile.js', `module.exports = ${text};`, 'commonjs'],
  ['CommonJS in a package of modules', 'profile.cjs', `module.exports = ${text};`, 'module'],
  ['export default in a CommonJS package', 'profile.js', `export default ${text};`, 'commonjs'],
  ['export default in a package of modules', 'profile.js', `export default ${text};`, 'module'],
  ['export default without a package', 'profile.js', `export default ${text};`, null],
  ['a name with blanks and signs', 'my #1 %20 profile?.ts', `export default ${text};`, null],
] as const)('a profile can be %s', async ([, file, content, type]) => {
  const files = { [file]: content, ...(type !== null && { 'package.json': JSON.stringify({ type }) }) };
  const { profile } = await load(files, file);
  expect(profile).toMatchObject({ name: 'elsewhere', database: { name: 'app', owner: 'app' } });
});

test('a profile may import what stands beside it, and take functions', async () => {
  const files = {
    'profile.ts': `import { name } from './name.ts';
      export default { ...${text}, app: { command: ['x'], env: (db: { url: string }) => ({ [name]: db.url }) } };`,
    'name.ts': "export const name: string = 'URL_OF_DATABASE';",
  };
  const { profile } = await load(files, 'profile.ts');
  const env = profile.app?.env as unknown as (db: { url: string }) => Record<string, string>;
  expect(env({ url: 'postgres://x' })).toEqual({ URL_OF_DATABASE: 'postgres://x' });
});

test('a profile that has changed is read anew', async () => {
  const { file } = await load({ 'profile.mjs': `export default ${text};` }, 'profile.mjs');
  await writeFile(file, `export default ${JSON.stringify({ ...minimal, name: 'changed' })};`);
  expect((await loadProfile(file)).profile.name).toBe('changed');
});

describe('a profile that cannot be loaded says why', () => {
  test.for([
    [
      'it throws',
      'profile.ts',
      "throw new Error('DATABASE_URL is not set');",
      'loaded: line 1, column 7: DATABASE_URL is not set',
    ],
    ['it throws a text', 'profile.mjs', "throw 'as text';", 'cannot be loaded: as text'],
    ['it is cut off, as TypeScript', 'profile.ts', 'export default {', 'loaded: line 1, column 17: Expected `}`'],
    ['it is cut off, as JavaScript', 'profile.mjs', 'export default {', 'loaded: line 1, column 17: Expected `}`'],
    [
      'it throws, as TypeScript',
      'profile.ts',
      `interface Unused {\n  x: 1;\n}\n\nfunction fail() {\n  throw new Error('at work');\n}\nfail();\nexport default {};`,
      'loaded: line 6, column 9: at work',
    ],
    [
      'it throws, as JavaScript',
      'profile.mjs',
      'export default {\n\n  name: process.env.NO_SUCH.trim(),\n};',
      "loaded: line 3, column 29: Cannot read properties of undefined (reading 'trim')",
    ],
    [
      'it asks for a file that is not there',
      'profile.ts',
      `\nimport { y } from './no-such.ts';\nexport default y;`,
      "loaded: line 2, column 19: Cannot find module './no-such.ts'",
    ],
    ['a line of it is wrong', 'profile.ts', `// é 😀\nexport default {\n  name 'x',\n};`, 'loaded: line 3, column 8: '],
    ['it is CommonJS, and cut off', 'profile.cjs', 'module.exports = {', 'loaded: '],
    [
      'it imports what is not there',
      'profile.mjs',
      "import 'no-such-package';",
      "loaded: line 1, column 8: Cannot find package 'no-such-",
    ],
    ['it has no default export', 'profile.mjs', `export const profile = ${text};`, 'has no default export'],
    ['it has no default export, as TypeScript', 'profile.ts', `export const profile = ${text};`, 'no default export'],
    [
      'it exports a function',
      'profile.ts',
      `export default () => (${text});`,
      'the profile: Invalid input: expected object',
    ],
    ['it exports a list', 'profile.ts', `export default [${text}];`, 'the profile: Invalid input: expected object'],
  ] as const)('%s', async ([, file, content, message]) => {
    const error = await loadError({ [file]: content }, file);
    expect(error).toContain(`/${file} `);
    expect(error).toMatch(message);
  });

  test('it is not there', async () => {
    expect(await loadError({})).toMatch(/^There is no profile at \/.*\/profile\.mjs\. Name one with --config FILE\.$/);
  });

  test('it is a directory', async () => {
    expect(await loadError({ 'profile.mjs/file': '' })).toContain('cannot be loaded');
  });
});

test.for([
  ['is not there', ['seed/schema.sql', 'gone.sql'], 'gone.sql'],
  ['is a directory', ['seed'], 'seed'],
] as const)('a seed file that %s is SEED_MISSING with its whole path', async ([, seed, missing]) => {
  const directory = await makeWorkspace({
    'seed/schema.sql': '',
    'profile.mjs': `export default ${JSON.stringify({ ...minimal, seed })};`,
  });
  await expect(loadProfile(join(directory, 'profile.mjs'))).rejects.toMatchObject({
    code: 'SEED_MISSING',
    message: `The seed file ${join(directory, missing)} does not exist. Mend "seed" in the profile.`,
  });
});

test('every problem of a profile stands on a line of its own, with its line and column', async () => {
  const profile = `import { x } from './x.mjs';
    const database = { name: 'app', owner: 'app' };
    export default { /* name: 'comment' */ name: 'a b', database, objectives: { rto: x }, "colour": 1,
      seed: ['schema.sql', 2] };`;
  const error = await loadError({ 'profile.mjs': profile, 'x.mjs': "export const x = 'soon';" });
  expect(error.split('\n').slice(1)).toEqual([
    '  - line 3, column 44: name: has to consist of letters, digits, dots, dashes and underscores',
    '  - line 4, column 28: seed.1: Invalid input: expected string, received number',
    '  - line 3, column 81: objectives.rto: "soon" is not a duration; write it like "30s", "60m", "24h" or "7d"',
    expect.stringMatching(/^ {2}- line 3, column 91: unknown key "colour"; known keys are /),
  ]);
});

test.for([
  ['defineConfig', 'const defineConfig = (x: object) => x;\nexport default defineConfig({ BAD });'],
  ['a type', 'const x = 1;\nexport default ({ BAD } as object);'],
  ['a name', '// first line\nconst profile = { BAD };\nexport default profile;'],
  ['CommonJS', '// first line\nmodule.exports = { BAD };'],
] as const)('a misspelt key behind %s is named alone, with its place', async ([, text]) => {
  const bad = `name: 'x', databse: { name: 'app', owner: 'app' }`;
  const error = await loadError({ 'profile.ts': text.replace('BAD', bad) }, 'profile.ts');
  const lines = error.split('\n').slice(1);
  expect(lines).toEqual([
    expect.stringMatching(/^ {2}- line 2, column \d+: unknown key "databse"; did you mean "database"\?$/),
  ]);
});

test('a profile that is put together elsewhere names its problems without a place', async () => {
  const error = await loadError({
    'profile.mjs': "import { x } from './x.mjs';\nexport default { ...x };",
    'x.mjs': "export const x = { name: 'x', databse: {} };",
  });
  expect(error.split('\n').slice(1)).toEqual([
    expect.stringContaining('unknown key "databse"; did you mean "database"?'),
  ]);
});
