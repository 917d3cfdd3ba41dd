import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readPruneSettings, type PruneSettings } from './prune-settings.ts';

const defaults: PruneSettings = { config: 'rehearsal.config.ts', directory: null, dryRun: false, help: false };

test('without flags and variables the profile decides, and the run is no dry one', () => {
  expect(readPruneSettings([], {})).toEqual(defaults);
});

test.for([
  [['--dry-run'], { REHEARSAL_DRY_RUN: '1' }, { dryRun: true }],
  [['--dir', 'a'], { REHEARSAL_DIR: 'a' }, { directory: resolve('a') }],
  [['--config', 'a.mjs'], { REHEARSAL_CONFIG: 'a.mjs' }, { config: 'a.mjs' }],
  [['--help'], { REHEARSAL_HELP: 'yes' }, { help: true }],
] as const)('%j counts as a flag and as a variable', ([argv, env, changes]) => {
  expect(readPruneSettings([...argv], {})).toEqual({ ...defaults, ...changes });
  expect(readPruneSettings([], env)).toEqual({ ...defaults, ...changes });
});

test.for([
  [['--dryrun'], 'Unknown flag --dryrun; did you mean --dry-run? Try: npm run prune -- --help'],
  [['dry-run'], 'npm run prune takes flags only, not "dry-run".'],
] as const)('%j is refused: nothing is deleted by mistake', ([argv, message]) => {
  expect(() => readPruneSettings([...argv], {})).toThrow(message);
});
