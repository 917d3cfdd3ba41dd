import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { authenticate, useComposeServices } from '../fixtures/testing/compose-services.ts';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { composeFile } from '../fixtures/testing/first-user.ts';
import { useImage } from '../fixtures/testing/images.ts';
import { startIn } from '../fixtures/testing/run-rehearse.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';

describeEngine('docker', 'init in a Compose project', () => {
  const { services, server } = useComposeServices('create table notes as select i from generate_series(1, 1000) as i');
  const application = useImage('psql-app', ['Dockerfile', 'app.pl']);

  test('makes a drill of it that is verified, and a night that is green; what is damaged afterwards is red', async () => {
    // As the official image has it: the socket asks for no password, and TCP does.
    await authenticate(server().outside, 'socket');
    const { service, project, password } = services;
    const built = await tagAs(`${project}-bot-api`);
    const directory = await makeWorkspace({
      'compose.yaml': composeFile({ service, project, image: inject('image') }),
      '.env': `POSTGRES_PASSWORD=${password}\nBOT_TOKEN=canary-token\n`,
      '.git/config': '[remote "origin"]\n\turl = git@github.com:shop/shop.git\n',
      'tmp/.keep': '',
    });
    const env = { TMPDIR: join(directory, 'tmp'), REHEARSAL_ENGINE: 'docker', PGPASSWORD: undefined };

    const init = await startIn(directory, 'init', ['--yes'], env);
    expect(init.exitCode, init.all).toBe(0);
    expect(init.all).toMatch(/in the container db-\S+[^]*Restore the backup[^]*1 asked, all true/);
    expect(init.all).toContain(`image ${built}, /health`);
    expect(init.all).toMatch(/Check the application +\S+ +.*\/health/);
    expect(init.all).toContain('verdict   verified');

    const night = await startIn(directory, 'nightly', ['--quiet'], env);
    expect([night.exitCode, night.all]).toEqual([0, '']);

    const dumps = (await readdir(join(directory, 'backups'))).filter((name) => name.endsWith('.dump')).toSorted();
    expect(dumps).toHaveLength(2);
    await truncate(join(directory, 'backups', dumps[1] ?? ''), 2000);
    const red = await startIn(directory, 'rehearse', ['latest-backup'], env);
    expect(red.exitCode, red.all).toBe(1);
    expect(red.all).toMatch(/MISMATCH[^]*verdict {3}not-verified/);

    const written = await readAll(directory, ['rehearsal.config.ts', '.github/workflows/restore-drill.yml']);
    for (const text of [...written, init.all, red.all]) expect(text).not.toMatch(/canary/);
    expect(parse(written[1] ?? '')).toHaveProperty('jobs.rehearse.steps');
  }, 300_000);

  /** As `docker compose build` would call the image of a service. */
  async function tagAs(name: string): Promise<string> {
    const docker = await services.docker();
    await docker.getImage(application).tag({ repo: name, tag: 'latest' });
    onTestFinished(() =>
      docker
        .getImage(name)
        .remove()
        .then(() => undefined),
    );
    return name;
  }
});

function readAll(directory: string, files: string[]): Promise<string[]> {
  return Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
}
