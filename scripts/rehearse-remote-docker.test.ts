import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { startRemoteDocker, whyNoRemoteDocker, type RemoteDocker } from '../fixtures/testing/remote-docker.ts';
import { makePlace, runRehearse, startScript } from '../fixtures/testing/run-rehearse.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';

const obstacle = inject('skipped').docker ?? whyNoRemoteDocker();

describe.skipIf(obstacle !== null)(
  `a Docker daemon of another machine${obstacle === null ? '' : ` (skipped: ${obstacle})`}`,
  () => {
    let remote: RemoteDocker | undefined;
    beforeAll(async () => {
      remote = await startRemoteDocker();
    }, 240_000);
    afterAll(() => remote?.[Symbol.asyncDispose](), 60_000);
    const daemon = () => {
      if (remote === undefined) throw new Error('The daemon was not started.');
      return remote;
    };

    test('has the server and the application of a whole rehearsal, and nothing is left there', async () => {
      const health = { path: '/health', json: { status: 'ok', notes: 2 } };
      const app = { image: daemon().appImage, port: 9000, env: 'ENV', health };
      const profile = await makeProfile({ app });
      const env = { ...daemon().variables, TESTCONTAINERS_RYUK_DISABLED: 'true' };
      const result = await runRehearse({ engine: 'docker', args: ['clean-state', '--config', profile], env });
      expect(result.output).toContain('verdict   verified');
      expect(result.output).toContain(`Docker answers at ${daemon().address}`);
      expect(result.evidence?.environment.isolation.server).toContain('a published port of a bridge network');
      expect(await daemon().listAll()).toEqual([]);
      expect(result.temporary).toEqual([]);
    });

    test('is looked at by doctor, which says what is wrong with the certificates', async () => {
      const { variables } = daemon();
      const place = await makePlace();
      const ask = (env: Record<string, string>) => startScript('doctor', place, ['--engine', 'docker'], env);
      expect((await ask(variables)).all).toMatch(/✔ docker +Docker \S+ answers at 198\.18\.77\.2/);
      const empty = join(await makeWorkspace(), 'none');
      await mkdir(empty);
      const without = await ask({ ...variables, DOCKER_CERT_PATH: empty });
      expect(without.exitCode).toBe(2);
      expect(without.all).toMatch(/ca\.pem is not there/);
      await rm(empty, { recursive: true });
    });
  },
);
