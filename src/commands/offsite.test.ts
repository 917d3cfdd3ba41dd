import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { offsiteCommand } from './offsite.ts';
import { readOptions } from './read-options.ts';

const defaults = { config: resolve('rehearsal.config.ts'), dir: null, to: null };

test('without flags and variables the profile decides', () => {
  expect(readOptions(offsiteCommand, [], {})).toEqual({ options: defaults, names: [] });
});

test.for([
  [['--to', 'remote:path'], { REHEARSAL_TO: 'remote:path' }, { to: 'remote:path' }],
  [['--dir', 'a'], { REHEARSAL_DIR: 'a' }, { dir: resolve('a') }],
  [['--config', 'a.mjs'], { REHEARSAL_CONFIG: 'a.mjs' }, { config: resolve('a.mjs') }],
] as const)('%j counts as a flag and as a variable', ([argv, env, changes]) => {
  expect(readOptions(offsiteCommand, [...argv], {})?.options).toEqual({ ...defaults, ...changes });
  expect(readOptions(offsiteCommand, [], env)?.options).toEqual({ ...defaults, ...changes });
});

test('what is no flag is refused', () => {
  expect(() => readOptions(offsiteCommand, ['remote:path'], {})).toThrow(
    'npm run offsite takes flags only, not "remote:path".',
  );
});
