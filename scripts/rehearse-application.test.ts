import { describe, expect, test } from 'vitest';
import { describeEngines } from '../fixtures/testing/engines.ts';
import { expectNothingLeft } from '../fixtures/testing/leftovers.ts';
import { runRehearse } from '../fixtures/testing/run-rehearse.ts';
import { makeProfile, respond } from '../fixtures/testing/profiles.ts';

describeEngines('an application on a restored database', (engine) => {
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
