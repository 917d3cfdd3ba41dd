import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readOffsiteSettings, type OffsiteSettings } from './offsite-settings.ts';

const defaults: OffsiteSettings = { config: 'rehearsal.config.ts', directory: null, destination: null, help: false };

test('without flags and variables the profile decides', () => {
  expect(readOffsiteSettings([], {})).toEqual(defaults);
});

test.for([
  [['--to', 'remote:path'], { REHEARSAL_TO: 'remote:path' }, { destination: 'remote:path' }],
  [['--dir', 'a'], { REHEARSAL_DIR: 'a' }, { directory: resolve('a') }],
  [['--config', 'a.mjs'], { REHEARSAL_CONFIG: 'a.mjs' }, { config: 'a.mjs' }],
  [['--help'], { REHEARSAL_HELP: 'yes' }, { help: true }],
] as const)('%j counts as a flag and as a variable', ([argv, env, changes]) => {
  expect(readOffsiteSettings([...argv], {})).toEqual({ ...defaults, ...changes });
  expect(readOffsiteSettings([], env)).toEqual({ ...defaults, ...changes });
});

test('what is no flag is refused', () => {
  expect(() => readOffsiteSettings(['remote:path'], {})).toThrow(
    'npm run offsite takes flags only, not "remote:path".',
  );
});
