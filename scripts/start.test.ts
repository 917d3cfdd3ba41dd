import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { listLeft, makePlace, runRehearse, startCommand, startScript } from '../fixtures/testing/run-rehearse.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { commands } from '../src/commands/commands.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const read = (name: string) => readFile(join(root, 'scripts', `${name}.mjs`), 'utf8');

test('every command of package.json is started by start.mjs', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const names = Object.keys(commands).map((command) => command.replace(/ .*/, ''));
  for (const name of names) expect(scripts[name]).toBe(`node scripts/start.mjs ${name}`);
});

describe('a command ends with status 2 and a sentence', () => {
  test.for([26, 40])('where it may open too few files to load itself: %i', async (files) => {
    const line = `ulimit -n ${files}; exec node scripts/start.mjs rehearse --config ${await makeProfile({})} --engine local`;
    const { exitCode, stderr } = await execa('bash', ['-c', line], { cwd: root, reject: false });
    expect(stderr).toMatch(/^Too many files are open\. Raise the limit \(ulimit -n\) and start again\. \(EMFILE.*\)$/);
    expect(exitCode).toBe(2);
  });

  test.for([
    [
      'for evidence',
      ['rehearse', '--reports', '/proc/no/where'],
      {},
      /^Evidence cannot be written into \/proc\/no\/where: /m,
    ],
    [
      'for temporary files',
      ['rehearse', '--list'],
      { TMPDIR: '/proc' },
      /^There can be no temporary files in \/proc: /,
    ],
    [
      'of backups to copy',
      ['offsite', '--to', 'far:x', '--dir', '/no/where'],
      {},
      /^There is no directory \/no\/where, so nothing /m,
    ],
    ['of backups to delete', ['prune', '--dir', '/no/where'], {}, /^There is no directory \/no\/where, so nothing /m],
  ] as const)('where there can be no directory %s', async ([, [name, ...flags], env, told]) => {
    const profile = await makeProfile({ backups: { directory: 'backups' } });
    const { exitCode, stderr } = await startCommand(name, [...flags, '--config', profile], env);
    expect(stderr).toMatch(told);
    expect(exitCode).toBe(2);
  });

  test('where there is no backup to copy: a job that copies nothing has to be noticed', async () => {
    const profile = await makeProfile({ backups: { directory: '.' } });
    const { exitCode, all } = await startCommand('offsite', ['--to', 'far:x', '--config', profile]);
    expect(all).toContain('There is no backup here.');
    expect(exitCode).toBe(2);
  });

  test('where what it needs was not installed', async () => {
    const clone = await makeWorkspace({
      'scripts/start.mjs': await read('start'),
      'scripts/frame.mjs': await read('frame'),
      'scripts/compiled.mjs': await read('compiled'),
      'scripts/bundle.mjs': await read('bundle'),
    });
    const { exitCode, stderr } = await execa('node', ['scripts/start.mjs', 'rehearse'], { cwd: clone, reject: false });
    expect(stderr).toMatch(
      /^Something that this command needs is not installed\. Run npm ci and start again\. \(.*tsx.*\)$/,
    );
    expect(exitCode).toBe(2);
  });

  test('where it fails inside; one that ends by itself has the status that it set', async () => {
    const clone = await makeWorkspace({
      'scripts/frame.mjs': await read('frame'),
      'scripts/compiled.mjs': await read('compiled'),
      'scripts/bundle.mjs': await read('bundle'),
      'scripts/start.mjs': (await read('start'))
        .replace("import('tsx')", 'Promise.resolve()')
        .replace('.ts`);', '.mjs`);'),
      'scripts/broken.mjs': "setTimeout(() => { throw new TypeError('x is not a function'); });",
      'scripts/quiet.mjs': '',
      'scripts/found.mjs': 'process.exitCode = 1;',
    });
    const run = (name: string) => execa('node', ['scripts/start.mjs', name], { cwd: clone, reject: false });
    const { exitCode, stderr } = await run('broken');
    expect(stderr).toMatch(
      /^The command failed for a reason of its own, not of a backup: TypeError: x is not a function/,
    );
    expect(exitCode).toBe(2);
    expect(await run('quiet')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await run('found')).toMatchObject({ exitCode: 1, stderr: '' });
  });

  test.each(['doctor', 'rehearse'])('where nobody reads what %s prints', async (command) => {
    const child = execa('node', ['scripts/start.mjs', command, '--help'], { cwd: root, reject: false });
    child.stdout.destroy();
    const { exitCode, stderr } = await child;
    expect(stderr).toBe('Nobody reads the output any more; the command was interrupted.');
    expect(exitCode).toBe(2);
  });
});

describe.skipIf(inject('skipped').local !== null)(
  'npm run rehearse never ends with status 1 for a reason that is not the backup’s',
  () => {
    test('a pipe that is closed in the middle, after which nothing is left', async () => {
      const place = await makePlace();
      const child = startScript('rehearse', place, ['--engine', 'local', '--config', await makeProfile({})]);
      child.stdout.once('data', () => child.stdout.destroy());
      const { exitCode, stderr } = await child;
      expect(stderr).toContain('Nobody reads the output any more; the command was interrupted.');
      expect(exitCode).toBe(2);
      expect(await listLeft(place.temporaryDirectory)).toEqual([]);
    });

    test.each([
      ['a rejection that no step waits for', 'stray-rejection', 'nobody waits for this'],
      ['a rehearsal that cannot be loaded', 'unloadable', 'was not defined'],
      ['a worker that is killed', 'worker-ends', 'was ended from outside'],
    ])('%s', async (_, name, message) => {
      const args = [`fixtures/damaged/${name}.rehearsal.ts`, '--config', await makeProfile({})];
      const { exitCode, evidence, output } = await runRehearse({ engine: 'local', args });
      expect(output).toContain(message);
      expect(evidence?.verdict).toBe('could-not-run');
      expect(exitCode).toBe(2);
    });
  },
);
