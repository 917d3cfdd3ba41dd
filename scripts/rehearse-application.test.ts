import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { describeEngine, describeEitherEngine } from '../fixtures/testing/engines.ts';
import { expectNothingLeft } from '../fixtures/testing/leftovers.ts';
import { useImage } from '../fixtures/testing/images.ts';
import { listen } from '../fixtures/testing/listener.ts';
import { runRehearse } from '../fixtures/testing/run-rehearse.ts';
import { makeProfile, respond } from '../fixtures/testing/profiles.ts';
import { openSocket, startForwarder } from '../src/system/forwarder.ts';

describeEitherEngine('an application on a restored database', (engine) => {
  test('does not verify an application that stays down after the restore', async () => {
    // It runs once, ends when it loses its database, and does not come up a second time.
    const profile = await makeProfile({
      app: respond(`
        const fs = require('node:fs');
        const marker = process.env.HOME + '/started-before';
        if (fs.existsSync(marker)) { console.error('no second time'); process.exit(3); }
        fs.writeFileSync(marker, '');
        const client = new Client(process.env.DATABASE_URL);
        client.on('error', () => process.exit(4));
        client.connect();
        answer(() => [200, { status: 'ok' }]);
      `),
    });
    const result = await runRehearse({ engine, args: ['--config', profile] });

    expect(result.exitCode).toBe(1);
    expect(result.evidence?.verdict).toBe('not-verified');
    expect(result.evidence?.findings).toEqual([
      expect.objectContaining({ rule: 'APPLICATION_EXITED', severity: 'error' }),
    ]);
    expect(result.output).toContain('no second time');
    await expectNothingLeft(engine, result);
  });
});

describeEngine('local', 'an application where nothing answers on the loopback interface', (engine) => {
  // A new network namespace has its interface down, and takes an administrator to make.
  test.runIf(process.getuid?.() === 0)('is not started, and neither it nor the backup is blamed', async () => {
    const profile = await makeProfile({ app: respond("answer(() => [200, { status: 'ok' }]);") });
    const result = await runRehearse({ engine, args: ['--config', profile], within: ['unshare', '--net'] });

    expect(result.exitCode).toBe(2);
    expect(result.evidence).toMatchObject({ verdict: 'could-not-run', findings: [] });
    expect(result.evidence?.steps.find(({ error }) => error !== null)?.error).toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringContaining('ip link show lo') as string,
    });
    await expectNothingLeft(engine, result);
  });
});

describeEngine('docker', 'an application in a container', (engine) => {
  const image = useImage('psql-app', ['Dockerfile', 'app.pl']);
  const health = { path: '/health', json: { status: 'ok', notes: 2 } };

  test('is started on the network of the database and checked there', async () => {
    const profile = await makeProfile({ app: { image, port: 9000, env: 'ENV', health } });
    const result = await runRehearse({ engine, args: ['--config', profile] });

    expect(result.output).toContain('verdict   verified');
    expect(result.exitCode).toBe(0);
    expect(result.evidence?.steps).toContainEqual(
      expect.objectContaining({ facts: { application: `container of ${image}, on the database's network` } }),
    );
    await expectNothingLeft(engine, result);
  });

  test('reaches neither this machine nor anything else, while its probes reach it', async () => {
    const { port, count } = await listen();
    const probes = [
      ...[ownAddress(), '203.0.113.1'].map((address) => ({
        path: `/reach/${address}/${port}`,
        json: { reached: false },
      })),
      // A probe waits for 5 s; an application that looks up a name should not wait for longer either.
      { path: '/resolve/example.com', json: { resolved: false } },
    ];
    const profile = await makeProfile({ app: { image, port: 9000, env: 'ENV', health, probes } });
    const result = await runRehearse({ engine, args: ['--config', profile] });

    expect(result.output).toContain('verdict   verified');
    expect(count()).toBe(0);
    const wayOut = 'an internal Docker network without a way out, to this machine neither';
    expect(result.evidence?.environment.isolation).toEqual({ server: wayOut, application: wayOut });
    await expectNothingLeft(engine, result);
  });

  test('works with a daemon that may be elsewhere, and says what it can reach', async () => {
    await using daemon = await startForwarder(() => openSocket('/var/run/docker.sock'));
    const { port, count } = await listen();
    const probes = [{ path: `/reach/${ownAddress()}/${port}`, json: { reached: true } }];
    const profile = await makeProfile({ app: { image, port: 9000, env: 'ENV', health, probes } });
    const env = { DOCKER_HOST: `tcp://${daemon.host}:${daemon.port}` };
    const result = await runRehearse({ engine, args: ['--config', profile], env });

    expect(result.output).toContain('verdict   verified');
    expect(count()).toBeGreaterThan(0);
    const published =
      'a published port of a bridge network: what runs in it can reach the network, for the Docker daemon may not be on this machine';
    expect(result.evidence?.environment.isolation).toEqual({ server: published, application: published });
    await expectNothingLeft(engine, result);
  });

  test('that ends at once is shown with its last lines', async () => {
    const profile = await makeProfile({ app: { image, port: 9000, env: { PORT: 'none' }, health } });
    const result = await runRehearse({ engine, args: ['--config', profile] });

    expect(result.exitCode).toBe(2);
    expect(result.output).toContain('cannot listen');
    await expectNothingLeft(engine, result);
  });

  test('cannot be rehearsed with the local engine, and is told so', async () => {
    const profile = await makeProfile({ app: { image, port: 9000, env: 'ENV', health } });
    const result = await runRehearse({ engine: 'local', args: ['--config', profile] });

    expect(result.exitCode).toBe(2);
    expect(result.output).toContain('Start again with --engine docker');
  });
});

/** An address of this machine that other machines and bridge networks lead to. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all);
  const found = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (found === undefined) throw new Error('This machine has no address but its loopback.');
  return found.address;
}

describe('a health check that never asks the database', () => {
  const decoration = "answer(() => [200, { status: 'ok' }]);";
  const askingProbe = `
    answer((url, query) => url === '/health' ? [200, { status: 'ok' }]
      : query('select count(*)::int as notes from notes').then((rows) => [200, rows[0]], () => [500, {}]));`;

  test('is an error where no other probe notices', async () => {
    const profile = await makeProfile({ app: respond(decoration) });
    const result = await runRehearse({ engine: 'local', args: ['--config', profile] });

    expect(result.exitCode).toBe(1);
    expect(result.evidence?.findings).toEqual([
      expect.objectContaining({ rule: 'HEALTH_NOT_DATABASE_BACKED', severity: 'error', object: '/health' }),
    ]);
  });

  test('is a warning where another probe notices', async () => {
    const profile = await makeProfile({
      app: { ...respond(askingProbe), probes: [{ path: '/notes', json: { notes: 2 } }] },
    });
    const result = await runRehearse({ engine: 'local', args: ['--config', profile] });

    expect(result.output).toContain('HEALTH_NOT_DATABASE_BACKED');
    expect(result.evidence?.findings).toEqual([
      expect.objectContaining({ rule: 'HEALTH_NOT_DATABASE_BACKED', severity: 'warning' }),
    ]);
    expect(result.exitCode).toBe(0);
  });
});
