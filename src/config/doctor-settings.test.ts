import { describe, expect, test } from 'vitest';
import { readDoctorSettings, type DoctorSettings } from './doctor-settings.ts';

const defaults: DoctorSettings = {
  clean: false,
  engine: null,
  config: 'rehearsal.config.ts',
  image: null,
  reports: null,
  help: false,
};

test('without flags and variables the profile decides', () => {
  expect(readDoctorSettings([], {})).toEqual(defaults);
});

test.for([
  ['clean', [], true, '1'],
  ['engine', ['local'], 'local', 'local'],
  ['config', ['a.mjs'], 'a.mjs', 'a.mjs'],
  ['image', ['postgres:17'], 'postgres:17', 'postgres:17'],
  ['reports', ['/r'], '/r', '/r'],
  ['help', [], true, 'yes'],
] as const)('--%s counts as a flag and as a variable', ([flag, values, expected, variable]) => {
  expect(readDoctorSettings([`--${flag}`, ...values], {})).toEqual({ ...defaults, [flag]: expected });
  expect(readDoctorSettings([], { [`REHEARSAL_${flag.toUpperCase()}`]: variable })).toEqual({
    ...defaults,
    [flag]: expected,
  });
});

describe('bad usage is told with what would be right', () => {
  test.for([
    [['--claen'], 'Unknown flag --claen; did you mean --clean? Try: npm run doctor -- --help'],
    [['clean'], 'npm run doctor takes flags only, not "clean".'],
    [['--engine', 'podman'], 'There is no engine "podman"'],
  ] as const)('%j', ([argv, message]) => {
    expect(() => readDoctorSettings([...argv], {})).toThrow(
      expect.objectContaining({ code: 'BAD_USAGE', message: expect.stringContaining(message) as string }) as Error,
    );
  });
});
