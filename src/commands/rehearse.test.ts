import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readOptions } from './read-options.ts';
import { rehearseCommand } from './rehearse.ts';

const defaults = {
  all: false,
  engine: null,
  image: null,
  target: null,
  config: resolve('rehearsal.config.ts'),
  reports: null,
  backup: null,
  newestIn: null,
  fromOffsite: false,
  label: null,
  metrics: null,
  junit: null,
  timestamp: null,
  controls: null,
  open: false,
  source: null,
  globals: null,
  disk: null,
  secondOracle: null,
  jobs: 1,
  keep: false,
  faithful: false,
  plan: null,
  shard: null,
  shards: null,
  list: false,
};

function read(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return readOptions(rehearseCommand, [...argv], env);
}

test('without flags and variables the profile decides', () => {
  expect(read([])).toEqual({ options: defaults, names: [] });
});

test('names without dashes are rehearsals, also between flags', () => {
  expect(read(['one', '--keep', 'two', '--engine', 'local', 'three'])).toEqual({
    options: { ...defaults, keep: true, engine: 'local' },
    names: ['one', 'two', 'three'],
  });
});

const flags = [
  ['engine', 'docker', 'local'],
  ['engine', 'auto', 'docker'],
  ['image', 'postgres:17', 'postgres:15'],
  ['config', resolve('a/b.ts'), 'c.mjs'],
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
    expect(read(argv, env)?.options).toEqual({ ...defaults, [flag]: value });
  });

  test('counts for nothing where the variable is empty', () => {
    expect(read([], { [variable]: '' })?.options).toEqual(defaults);
  });
});

describe.for(['all', 'keep', 'list', 'from-offsite'] as const)('--%s', (flag) => {
  const variable = `REHEARSAL_${flag.toUpperCase().replace('-', '_')}`;
  const key = flag === 'from-offsite' ? 'fromOffsite' : flag;
  test.for([
    ['as a flag', [`--${flag}`], {}, true],
    ['as a flag against its variable', [`--${flag}`], { [variable]: 'false' }, true],
    ...['true', '1', 'yes'].map((value) => [`as the variable ${value}`, [], { [variable]: value }, true] as const),
    ...['false', '0', 'no', ''].map((value) => [`as the variable ${value}`, [], { [variable]: value }, false] as const),
  ] as const)('%s', ([, argv, env, expected]) => {
    expect(read(argv, env)?.options).toEqual({ ...defaults, [key]: expected });
  });
});

test.for([
  ['as a flag', ['--second-oracle'], {}, true],
  ['as a variable', [], { REHEARSAL_SECOND_ORACLE: '1' }, true],
  ['switched off', [], { REHEARSAL_SECOND_ORACLE: 'false' }, false],
  ['left to the rehearsal', [], { REHEARSAL_SECOND_ORACLE: '' }, null],
] as const)('--second-oracle %s', ([, argv, env, expected]) => {
  expect(read(argv, env)?.options).toEqual({ ...defaults, secondOracle: expected });
});

test.for([
  ['as -h', ['-h'], {}],
  ['as --help', ['--help'], {}],
  ['as a variable', [], { REHEARSAL_HELP: 'yes' }],
  ['whatever else is wrong', ['--enigne', 'x', '--jobs', 'many', '--help'], { REHEARSAL_KEEP: 'maybe' }],
] as const)('help is asked for %s', ([, argv, env]) => {
  expect(read(argv, env)).toBeNull();
});

test.for(['false', '0', 'no', ''])('help is not asked for by REHEARSAL_HELP=%s', (value) => {
  expect(read([], { REHEARSAL_HELP: value })?.options).toEqual(defaults);
});

test.for([
  ['1', 1],
  ['64', 64],
] as const)('--jobs takes %s', ([text, jobs]) => {
  expect(read(['--jobs', text])?.options.jobs).toBe(jobs);
  expect(read([], { REHEARSAL_JOBS: text })?.options.jobs).toBe(jobs);
  expect(read(['--jobs', text], { REHEARSAL_JOBS: 'many' })?.options.jobs).toBe(jobs);
});

describe('bad usage is reported with what would be right', () => {
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
    [['--image'], {}, '--image takes a value: --image IMAGE. Try: npm run rehearse -- --help'],
    [
      ['--engine', '--keep'],
      {},
      '--engine takes a value: --engine NAME. One that starts with a dash is written --engine=--keep.',
    ],
    [['--image', 'a', '--image', '-h'], {}, '--image takes a value'],
    [['--keep=yes'], {}, '--keep takes no value. Try: npm run rehearse -- --help'],
  ] as const)('%j %j', ([argv, env, message]) => {
    expect(() => read(argv, env)).toThrow(
      expect.objectContaining({ code: 'BAD_USAGE', message: expect.stringContaining(message) as string }) as Error,
    );
  });
});

test.for([
  [['--backup', 'a', '--from-offsite'], {}, '--backup and --from-offsite name different backups'],
  [['--from-offsite'], { REHEARSAL_SOURCE: 'postgres://a@b/c' }, '--from-offsite and --source name different backups'],
] as const)('one backup is rehearsed: not %j %j', async ([argv, env, message]) => {
  const { options } = read(argv, env) ?? expect.fail('it asks for help');
  await expect(rehearseCommand.run(options, [])).rejects.toThrow(message);
});
