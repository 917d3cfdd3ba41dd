import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { doctorCommand } from './doctor.ts';
import { readOptions } from './read-options.ts';

const defaults = {
  clean: false,
  engine: null,
  config: resolve('rehearsal.config.ts'),
  image: null,
  reports: null,
};

test('without flags and variables the profile decides', () => {
  expect(readOptions(doctorCommand, [], {})).toEqual({ options: defaults, names: [] });
});

test.for([
  ['clean', [], true, '1'],
  ['engine', ['local'], 'local', 'local'],
  ['config', ['a.mjs'], resolve('a.mjs'), 'a.mjs'],
  ['image', ['postgres:17'], 'postgres:17', 'postgres:17'],
  ['reports', ['/r'], '/r', '/r'],
] as const)('--%s counts as a flag and as a variable', ([flag, values, expected, variable]) => {
  const options = { ...defaults, [flag]: expected };
  expect(readOptions(doctorCommand, [`--${flag}`, ...values], {})?.options).toEqual(options);
  expect(readOptions(doctorCommand, [], { [`REHEARSAL_${flag.toUpperCase()}`]: variable })?.options).toEqual(options);
});

describe('bad usage is reported with what would be right', () => {
  test.for([
    [['--claen'], 'Unknown flag --claen; did you mean --clean? Try: npm run doctor -- --help'],
    [['clean'], 'npm run doctor takes flags only, not "clean".'],
    [['--engine', 'podman'], 'There is no engine "podman"'],
  ] as const)('%j', ([argv, message]) => {
    expect(() => readOptions(doctorCommand, [...argv], {})).toThrow(
      expect.objectContaining({ code: 'BAD_USAGE', message: expect.stringContaining(message) as string }) as Error,
    );
  });
});
