import { describe, expect, test } from 'vitest';
import { profileSchema } from './profile.ts';
import { applySettings, readSettings, type Settings } from './settings.ts';

const defaults: Settings = {
  rehearsals: [],
  all: false,
  engine: null,
  image: null,
  config: 'rehearsal.config.ts',
  reports: null,
  backup: null,
  fromOffsite: false,
  source: null,
  jobs: 1,
  keep: false,
  list: false,
  help: false,
};

test('without flags and variables the profile decides', () => {
  expect(readSettings([], {})).toEqual(defaults);
});

test('names without dashes are rehearsals, also between flags', () => {
  expect(readSettings(['one', '--keep', 'two', '--engine', 'local', 'three'], {})).toEqual({
    ...defaults,
    rehearsals: ['one', 'two', 'three'],
    keep: true,
    engine: 'local',
  });
});

const flags = [
  ['engine', 'docker', 'local'],
  ['engine', 'auto', 'docker'],
  ['image', 'postgres:17', 'postgres:15'],
  ['config', 'a/b.ts', 'c.mjs'],
  ['reports', '/tmp/a', 'b'],
] as const;

describe.for(flags)('--%s', ([flag, value, other]) => {
  const variable = `REHEARSAL_${flag.toUpperCase()}`;
  test.for([
    ['as two arguments', [`--${flag}`, value], {}],
    ['with an equals sign', [`--${flag}=${value}`], {}],
    ['as a variable', [], { [variable]: value }],
    ['and not the variable', [`--${flag}`, value], { [variable]: other }],
    ['the last one', [`--${flag}`, other, `--${flag}`, value], {}],
  ] as const)('counts %s', ([, argv, env]) => {
    expect(readSettings([...argv], env)).toEqual({ ...defaults, [flag]: value });
  });

  test('counts for nothing where the variable is empty', () => {
    expect(readSettings([], { [variable]: '' })).toEqual(defaults);
  });
});

describe.for(['all', 'keep', 'list', 'help'] as const)('--%s', (flag) => {
  const variable = `REHEARSAL_${flag.toUpperCase()}`;
  test.for([
    ['as a flag', [`--${flag}`], {}, true],
    ['as a flag against its variable', [`--${flag}`], { [variable]: 'false' }, true],
    ...['true', '1', 'yes'].map((value) => [`as the variable ${value}`, [], { [variable]: value }, true] as const),
    ...['false', '0', 'no', ''].map((value) => [`as the variable ${value}`, [], { [variable]: value }, false] as const),
  ] as const)('%s', ([, argv, env, expected]) => {
    expect(readSettings([...argv], env)).toEqual({ ...defaults, [flag]: expected });
  });
});

test('-h asks for help', () => {
  expect(readSettings(['-h'], {}).help).toBe(true);
});

test.for([
  ['1', 1],
  ['64', 64],
] as const)('--jobs takes %s', ([text, jobs]) => {
  expect(readSettings(['--jobs', text], {}).jobs).toBe(jobs);
  expect(readSettings([], { REHEARSAL_JOBS: text }).jobs).toBe(jobs);
  expect(readSettings(['--jobs', text], { REHEARSAL_JOBS: '7' }).jobs).toBe(jobs);
});

describe('bad usage is told with what would be right', () => {
  test.for([
    [['--jobs', '0'], {}, '--jobs takes a whole number from 1 to 64, not "0".'],
    [['--jobs', '65'], {}, '--jobs takes a whole number from 1 to 64, not "65".'],
    [['--jobs', '1.5'], {}, '--jobs takes a whole number from 1 to 64, not "1.5".'],
    [['--jobs', 'many'], {}, '--jobs takes a whole number from 1 to 64, not "many".'],
    [[], { REHEARSAL_JOBS: 'many' }, '--jobs takes a whole number from 1 to 64, not "many".'],
    [['--engine', 'podman'], {}, 'There is no engine "podman"; --engine takes auto, docker or local.'],
    [[], { REHEARSAL_ENGINE: 'Docker' }, 'There is no engine "Docker"; --engine takes auto, docker or local.'],
    [[], { REHEARSAL_KEEP: 'maybe' }, 'REHEARSAL_KEEP is "maybe"; it takes true or false.'],
    [['--enigne', 'local'], {}, 'Unknown flag --enigne; did you mean --engine?'],
    [['--report=x'], {}, 'Unknown flag --report; did you mean --reports?'],
    [['-x'], {}, 'Unknown flag -x; did you mean'],
    [['--image'], {}, "Option '--image <value>' argument missing"],
    [['--engine', '--keep'], {}, "Option '--engine' argument is ambiguous."],
    [['--keep=yes'], {}, "Option '--keep' does not take an argument"],
  ] as const)('%j %j', ([argv, env, message]) => {
    expect(() => readSettings([...argv], env)).toThrow(
      expect.objectContaining({ code: 'BAD_USAGE', message: expect.stringContaining(message) as string }) as Error,
    );
  });
});

describe('over the profile', () => {
  const profile = profileSchema.parse({
    name: 'x',
    database: { name: 'x', owner: 'x' },
    postgres: { engine: 'docker', image: 'postgres:15' },
    seed: ['x.sql'],
    evidence: { directory: 'from-profile', frequency: '24h' },
  });

  test('settings that were given count, and nothing else changes', () => {
    expect(applySettings(profile, { engine: 'local', image: 'postgres:17', reports: 'given' })).toEqual({
      ...profile,
      postgres: { engine: 'local', image: 'postgres:17' },
      evidence: { directory: 'given', frequency: 86_400_000 },
    });
  });

  test('settings that were not given change nothing', () => {
    expect(applySettings(profile, { engine: null, image: null, reports: null })).toEqual(profile);
  });
});
