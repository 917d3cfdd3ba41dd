import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { initCommand } from './init.ts';
import { pruneCommand } from './prune.ts';
import { refuseSwallowedFlags } from './swallowed-flags.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Flags of every command that npm would take for its own; --help it answers itself. */
const swallowed: [command: string, flags: string[], spelling: string][] = [
  ['prune', ['--dry-run'], 'npm run prune -- --dry-run'],
  ['prune', ['--dry-run=true'], 'npm run prune -- --dry-run'],
  ['prune', ['--dir', '/tmp'], 'npm run prune -- --dir …'],
  ['rehearse', ['--engine', 'docker'], 'npm run rehearse -- --engine …'],
  ['rehearse', ['--engine=local'], 'npm run rehearse -- --engine …'],
  ['rehearse', ['--all', '--keep'], 'npm run rehearse -- --all --keep'],
  ['rehearse', ['--list'], 'npm run rehearse -- --list'],
  ['rehearse', ['--jobs', '4'], 'npm run rehearse -- --jobs …'],
  ['rehearse', ['--image', 'x'], 'npm run rehearse -- --image …'],
  ['rehearse', ['--backup', 'x'], 'npm run rehearse -- --backup …'],
  ['rehearse', ['--source=postgres://a@b/c'], 'npm run rehearse -- --source …'],
  ['rehearse', ['--reports', 'x', '--from-offsite'], 'npm run rehearse -- --reports … --from-offsite'],
  ['backup', ['--config', 'x'], 'npm run backup -- --config …'],
  [
    'backup',
    ['--url', 'x', '--compose-service=a', '--compose-project', 'b'],
    '--url … --compose-service … --compose-project …',
  ],
  ['offsite', ['--to', 'a:b'], 'npm run offsite -- --to …'],
  ['restore', ['--backup', 'x', '--url', 'y', '--switch'], 'npm run restore -- --backup … --url … --switch'],
  ['restore', ['--rollback'], 'npm run restore -- --rollback'],
  ['doctor', ['--clean'], 'npm run doctor -- --clean'],
];

/** What npm tells a program of a package: these variables, with what it has not handed on in npm_config_*. */
test.for([
  ['npm exec restore-rehearsal prune --dry-run', { npm_config_dry_run: 'true' }, 'npm kept --dry-run for itself'],
  ['npm exec restore-rehearsal prune --dir /tmp', { npm_config_dir: '/tmp' }, 'npm kept --dir for itself'],
  ['npx --yes restore-rehearsal prune', { npm_config_yes: 'true' }, null],
  ['npx restore-rehearsal prune', {}, null],
] as const)('%s', ([, env, problem]) => {
  const check = () => {
    refuseSwallowedFlags(pruneCommand, {}, [], { npm_lifecycle_event: 'npx', npm_command: 'exec', ...env });
  };
  if (problem === null) expect(check).not.toThrow();
  else expect(check).toThrow(problem);
});

test('npx may be told --yes before the name of a program that has such a flag, too', () => {
  const env = { npm_lifecycle_event: 'npx', npm_config_yes: 'true' };
  expect(() => {
    refuseSwallowedFlags(initCommand, {}, [], env);
  }).not.toThrow();
});

async function npmRun(command: string, args: string[], env: Record<string, string> = {}) {
  const options = { cwd: root, reject: false, all: true, env: { FORCE_COLOR: '0', ...env } };
  return execa('npm', ['run', '--silent', command, ...args], options);
}

test.for(sampleOf(swallowed, ([command]) => command))(
  'npm run %s %j is refused, with the right spelling',
  async ([command, flags, spelling]) => {
    const { all, exitCode } = await npmRun(command, flags);
    expect(all).toContain('npm kept ');
    expect(all).toContain(spelling);
    expect(exitCode).toBe(2);
  },
);

test.for([
  ['with two dashes', ['--', '--list'], {}],
  ['with a number of jobs in npmrc', ['--', '--list'], { npm_config_jobs: '8' }],
  ['with engine-strict in npmrc', ['--', '--list'], { npm_config_engine_strict: 'true' }],
  ['with a variable of ours', [], { REHEARSAL_LIST: '1' }],
] as const)('a command is done %s', async ([, args, env]) => {
  const { all, exitCode } = await npmRun('rehearse', [...args], env);
  expect(all).toContain('clean-state');
  expect(exitCode).toBe(0);
});
