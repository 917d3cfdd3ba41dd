import { execa } from 'execa';
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { readTrigger } from './trigger.ts';

describe('the state of the repository of a profile', () => {
  const isolated = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const read = (directory: string, env: Record<string, string> = {}) =>
    readTrigger(readEnvironment({ PATH: process.env['PATH'], GITHUB_ACTOR: 'anna', ...isolated, ...env }), directory);
  const unknown = (commitReason: unknown) => ({ by: 'anna', ci: null, commit: null, dirty: null, commitReason });

  async function makeRepository() {
    const repository = await makeWorkspace({ 'below/file': '' });
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@b'];
    const git = (...args: string[]) => execa('git', ['-C', repository, ...author, ...args], { env: isolated });
    await git('init', '--quiet');
    await git('add', '.');
    await git('commit', '--quiet', '--message', 'first');
    return { repository, commit: (await git('rev-parse', 'HEAD')).stdout };
  }

  test('is its commit, and whether something has changed since', async () => {
    const { repository, commit } = await makeRepository();
    const clean = { by: 'anna', ci: null, commit, dirty: false, commitReason: null };
    expect(await read(join(repository, 'below'))).toEqual(clean);
    await writeFile(join(repository, 'new'), '');
    expect(await read(repository)).toEqual({ ...clean, dirty: true });
  });

  test('is not known where there is no repository', async () => {
    expect(await read(await makeWorkspace())).toEqual(unknown('the profile is in no git repository'));
  });

  test('is not known before the first commit', async () => {
    const empty = await makeWorkspace();
    await execa('git', ['init', '--quiet', empty]);
    expect(await read(empty)).toEqual(unknown('the repository has no commit yet'));
  });

  test('is not known without git', async () => {
    const { repository } = await makeRepository();
    expect(await read(repository, { PATH: '/nowhere' })).toEqual(unknown('git is not here, or does not answer'));
  });

  test.skipIf(process.getuid?.() !== 0)(
    'is not known where git does not trust its owner, unless its user says so',
    async () => {
      const { repository: foreign, commit } = await makeRepository();
      await chown(foreign, 1234, 1234);
      await chown(join(foreign, '.git'), 1234, 1234);
      expect(await read(foreign)).toEqual(unknown(expect.stringContaining('belongs to another account')));
      const trusting = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: foreign };
      expect(await read(foreign, trusting)).toMatchObject({ commit, commitReason: null });
    },
  );
});
