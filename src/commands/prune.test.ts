import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { pruneCommand } from './prune.ts';
import { readOptions } from './read-options.ts';

const defaults = { config: resolve('rehearsal.config.ts'), dir: null, dryRun: false };

test('without flags and variables the profile decides, and the run is no dry one', () => {
  expect(readOptions(pruneCommand, [], {})).toEqual({ options: defaults, names: [] });
});

test.for([
  [['--dry-run'], { REHEARSAL_DRY_RUN: '1' }, { dryRun: true }],
  [['--dir', 'a'], { REHEARSAL_DIR: 'a' }, { dir: resolve('a') }],
  [['--config', 'a.mjs'], { REHEARSAL_CONFIG: 'a.mjs' }, { config: resolve('a.mjs') }],
] as const)('%j counts as a flag and as a variable', ([argv, env, changes]) => {
  expect(readOptions(pruneCommand, [...argv], {})?.options).toEqual({ ...defaults, ...changes });
  expect(readOptions(pruneCommand, [], env)?.options).toEqual({ ...defaults, ...changes });
});

test.for([
  [['--dryrun'], 'Unknown flag --dryrun; did you mean --dry-run? Try: npm run prune -- --help'],
  [['dry-run'], 'npm run prune takes flags only, not "dry-run".'],
] as const)('%j is refused: nothing is deleted by mistake', ([argv, message]) => {
  expect(() => readOptions(pruneCommand, [...argv], {})).toThrow(message);
});
