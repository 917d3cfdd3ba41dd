import { expect, test } from 'vitest';
import { answer, serve } from '../../fixtures/testing/http.ts';
import { profileSchema, type AppProfile } from '../config/profile.ts';
import { unmaskHealth } from './unmask.ts';

const { signal } = new AbortController();

/** An application without a database whose paths give these statuses, and which probes were sent to it. */
async function unmask(statuses: Record<string, number>, probes: string[]) {
  const sent: string[] = [];
  const application = await serve((request, response) => {
    sent.push(request.url ?? '');
    answer(statuses[request.url ?? ''] ?? 404, { status: 'ok' })(request, response);
  });
  const { app } = profileSchema.parse({
    name: 'x',
    database: { name: 'x', owner: 'x' },
    seed: ['x.sql'],
    app: {
      url: application.baseUrl,
      health: { json: { status: 'ok' } },
      probes: probes.map((path) => ({ path })),
    },
  });
  return { unmasking: await unmaskHealth(application, app as AppProfile, signal), sent };
}

test('a health check that fails without the database is backed, and nothing else is asked', async () => {
  expect(await unmask({ '/health': 503, '/users': 200 }, ['/users'])).toEqual({
    unmasking: { nature: 'backed', actual: '503 {"status":"ok"}' },
    sent: ['/health'],
  });
});

test('a health check that passes is a decoration if one of the other probes fails', async () => {
  expect(
    await unmask({ '/health': 200, '/version': 200, '/users': 500, '/more': 200 }, ['/version', '/users', '/more']),
  ).toEqual({
    unmasking: { nature: 'decoration', actual: '200 {"status":"ok"}' },
    sent: ['/health', '/version', '/users'],
  });
});

test.for([
  ['the other probes pass, too', ['/version']],
  ['there are no other probes', []],
] as const)('an application is blind where its health check passes and %s', async ([, probes]) => {
  const { unmasking } = await unmask({ '/health': 200, '/version': 200 }, [...probes]);
  expect(unmasking).toEqual({ nature: 'blind', actual: '200 {"status":"ok"}' });
});

test('an application that does not answer at all is backed', async () => {
  const { app } = profileSchema.parse({
    name: 'x',
    database: { name: 'x', owner: 'x' },
    seed: ['x.sql'],
    app: { url: 'http://127.0.0.1:1' },
  });
  const application = { ...(await serve(answer(200, {}))), baseUrl: 'http://127.0.0.1:1' };
  expect(await unmaskHealth(application, app as AppProfile, signal)).toMatchObject({ nature: 'backed' });
});
