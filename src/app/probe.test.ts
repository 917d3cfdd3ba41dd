import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { createServer } from 'node:net';
import type { IncomingMessage, RequestListener } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answer, serve } from '../../fixtures/testing/http.ts';
import type { Application } from './application.ts';
import { findFreePort } from '../system/free-port.ts';
import { describeExpected, describeProbe, healthProbe, sendProbe, waitForProbe, type Probe } from './probe.ts';

const health = healthProbe({ path: '/health', status: 200, json: { status: 'ok' }, withinMs: 1000 });
const plain: Probe = { method: 'GET', path: '/users/1', headers: {}, status: 200 };
const probe: Probe = { ...plain, json: { role: 'Master' } };
const { signal } = new AbortController();

v8.setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** In a process that has been at work for a while, the request of an answer that has begun is garbage, and its signal may go with it. */
function afterCollectingGarbage(then: () => void): () => void {
  return () => {
    setTimeout(() => {
      collectGarbage();
      setTimeout(then, 10);
    }, 100);
  };
}

describe('an answer', () => {
  test.for([
    ['that holds what is expected passes', 200, { status: 'ok', uptime: 3 }, true, '200 {"status":"ok"}'],
    ['of the wrong status fails', 503, { status: 'ok' }, false, '503 {"status":"ok"}'],
    ['of another success fails', 201, { status: 'ok' }, false, '201 {"status":"ok"}'],
    [
      'of the wrong body fails',
      200,
      { status: 'degraded' },
      false,
      '200 {"status":"degraded"}, which differs at $.status',
    ],
    ['that is not JSON fails', 200, '<h1>\n  ok</h1>', false, '200 <h1> ok</h1>, which differs at $'],
    ['that is cut off fails', 200, '{"status":"ok"', false, '200 {"status":"ok", which differs at $'],
    ['that is empty fails', 200, '', false, '200, which differs at $'],
    ['that is long is shortened', 500, 'x'.repeat(1000), false, `500 ${'x'.repeat(120)}…`],
  ] as const)('to a health check %s', async ([, status, body, passed, actual]) => {
    const { baseUrl } = await serve(answer(status, body));
    expect(await sendProbe(baseUrl, health, signal)).toMatchObject({ passed, actual });
  });

  test.for([
    ['that holds what is expected passes', 200, { role: 'Master', secret: 1 }, true, '200 {"role":"Master"}'],
    ['of the wrong status fails', 500, { error: 'secret' }, false, '500'],
    ['of the wrong body fails', 200, { role: 'secret' }, false, '200, which differs at $.role'],
  ] as const)('to another probe %s, and is not shown', async ([, status, body, passed, actual]) => {
    const { baseUrl } = await serve(answer(status, body));
    expect(await sendProbe(baseUrl, probe, signal)).toMatchObject({ passed, actual });
  });

  test('passes whatever its body, where only a status is expected', async () => {
    const { baseUrl } = await serve(answer(204, ''));
    expect(await sendProbe(baseUrl, { ...plain, status: 204 }, signal)).toMatchObject({ passed: true, actual: '204' });
  });

  test('counts on a port, too, that browsers and fetch() refuse', async () => {
    const { baseUrl } = await serveAtOneOf([10_080, 6667, 6000, 5060, 4190]);
    await expect(fetch(baseUrl)).rejects.toMatchObject({ cause: { message: 'bad port' } });
    expect(await sendProbe(baseUrl, health, signal)).toMatchObject({ passed: true });
  });

  test('is asked for as it is: a server may compress for whoever does not say otherwise', async () => {
    const { baseUrl } = await serve((request, response) => {
      if (request.headers['accept-encoding'] === 'identity') {
        answer(200, { status: 'ok' })(request, response);
        return;
      }
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"status":"ok"}'));
    });
    expect(await sendProbe(baseUrl, health, signal)).toMatchObject({ passed: true });
  });

  test('that redirects is not followed', async () => {
    const seen: string[] = [];
    const { baseUrl } = await serve((request, response) => {
      seen.push(request.url ?? '');
      if (request.url === '/health') answer(302, '', { location: '/login' })(request, response);
      else answer(200, { status: 'ok' })(request, response);
    });
    expect(await sendProbe(baseUrl, health, signal)).toMatchObject({ passed: false, actual: '302' });
    const redirect: Probe = { ...plain, path: '/health', status: 302 };
    expect(await sendProbe(baseUrl, redirect, signal)).toMatchObject({ passed: true, actual: '302' });
    expect(seen).toEqual(['/health', '/health']);
  });
});

async function serveAtOneOf([port, ...others]: number[]): Promise<Application> {
  try {
    return await serve(answer(200, { status: 'ok' }), port);
  } catch (error) {
    if (others.length === 0) throw error;
    return serveAtOneOf(others);
  }
}

describe('an answer that never comes, or never ends, is a failure', () => {
  test('where nobody listens', async () => {
    const baseUrl = `http://127.0.0.1:${await findFreePort()}`;
    expect(await sendProbe(baseUrl, health, signal)).toMatchObject({
      passed: false,
      actual: 'no answer (ECONNREFUSED)',
    });
  });

  test('where the connection is closed at once', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { passed, actual } = await sendProbe(`http://127.0.0.1:${port}`, health, signal);
    expect(passed).toBe(false);
    expect(actual).toMatch(/^no answer \(\w+\)$/);
  });

  test('where the connection is closed in the middle', async () => {
    const { baseUrl } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"status":"ok"');
      setImmediate(() => response.destroy());
    });
    expect(await sendProbe(baseUrl, health, signal)).toMatchObject({ passed: false });
  });

  test.for([
    ['does not begin', false],
    ['does not end', true],
  ] as const)('where the answer %s in time', async ([, begins]) => {
    const { baseUrl } = await serve((_request, response) => {
      if (begins)
        response.writeHead(200).write(
          '{"status":"ok"}',
          afterCollectingGarbage(() => undefined),
        );
    });
    expect(await sendProbe(baseUrl, health, signal)).toMatchObject({
      passed: false,
      actual: 'no complete answer within 5 s',
    });
  });

  test('where the answer is endless, and the connection is closed then', async () => {
    let closed = false;
    const { baseUrl } = await serve((_request, response) => {
      const pour = () => {
        while (!closed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour).on('close', () => (closed = true));
      response.writeHead(200);
      pour();
    });
    expect(await sendProbe(baseUrl, health, signal)).toMatchObject({
      passed: false,
      actual: 'an answer of more than 1048576 bytes',
    });
    await expect.poll(() => closed).toBe(true);
  });

  test.for([
    ['before it', false],
    ['in the middle of it', true],
  ] as const)('where the rehearsal is interrupted %s', async ([, begins]) => {
    const interruption = new AbortController();
    const interrupt = () => {
      interruption.abort();
    };
    const { baseUrl } = await serve((_request, response) => {
      if (begins) response.writeHead(200).write('{"status":"ok"}', afterCollectingGarbage(interrupt));
      else interrupt();
    });
    expect(await sendProbe(baseUrl, health, interruption.signal)).toMatchObject({
      passed: false,
      actual: 'This operation was aborted',
    });
  });

  test('where the rehearsal was interrupted already, and nothing is sent', async () => {
    let requests = 0;
    const { baseUrl } = await serve((request, response) => {
      requests += 1;
      answer(200, { status: 'ok' })(request, response);
    });
    expect(await sendProbe(baseUrl, health, AbortSignal.abort())).toMatchObject({ passed: false });
    expect(requests).toBe(0);
  });
});

describe('a request', () => {
  async function record(sent: Partial<Probe>): Promise<{ request: IncomingMessage; body: string }> {
    let seen: { request: IncomingMessage; body: string } | undefined;
    const { baseUrl } = await serve((request, response) => {
      let body = '';
      request
        .on('data', (chunk) => (body += String(chunk)))
        .on('end', () => {
          seen = { request, body };
          response.end();
        });
    });
    await sendProbe(baseUrl, { ...probe, ...sent }, signal);
    if (seen === undefined) throw new Error('There was no request.');
    return seen;
  }

  test('has method, path, headers and body as JSON', async () => {
    const { request, body } = await record({
      method: 'POST',
      path: '/login?a=b%20c',
      headers: { 'x-token': 't' },
      body: { id: [1, null] },
    });
    expect(request).toMatchObject({
      method: 'POST',
      url: '/login?a=b%20c',
      headers: { 'x-token': 't', 'content-type': 'application/json' },
    });
    expect(body).toBe('{"id":[1,null]}');
  });

  test('may say itself of what type its body is', async () => {
    const { request } = await record({ method: 'PUT', headers: { 'content-type': 'application/x' }, body: 'text' });
    expect(request.headers['content-type']).toBe('application/x');
  });

  test('has neither body nor type where the probe has none', async () => {
    const { request, body } = await record({ method: 'DELETE' });
    expect(request.headers).not.toHaveProperty('content-type');
    expect(body).toBe('');
  });

  test('says who asks, and nothing else of itself', async () => {
    const { request } = await record({ headers: { 'x-token': 't' } });
    expect(Object.keys(request.headers).sort()).toEqual([
      ...['accept', 'accept-encoding', 'connection', 'host', 'user-agent', 'x-token'],
    ]);
    const { request: other } = await record({ headers: { 'User-Agent': 'mine' } });
    expect(other.headers['user-agent']).toBe('mine');
  });

  test('may be a HEAD', async () => {
    const { request } = await record({ method: 'HEAD' });
    expect(request.method).toBe('HEAD');
  });
});

describe('waiting for a probe', () => {
  test('goes on until it passes', async () => {
    let requests = 0;
    const application = await serve((request, response) => {
      requests += 1;
      answer(requests < 4 ? 503 : 200, { status: requests < 4 ? 'starting' : 'ok' })(request, response);
    });
    expect(await waitForProbe(application, health, 60_000, signal)).toMatchObject({
      passed: true,
      actual: '200 {"status":"ok"}',
    });
    expect(requests).toBe(4);
  });

  test('ends with the last answer when the time is over', async () => {
    let requests = 0;
    const application = await serve((request, response) => {
      requests += 1;
      answer(503, { request: requests })(request, response);
    });
    const { passed, actual } = await waitForProbe(application, health, 200, signal);
    expect(passed).toBe(false);
    expect(actual).toBe(`503 {"request":${requests}}`);
    expect(requests).toBeGreaterThan(1);
  });

  test('asks once even if there is no time', async () => {
    const application = await serve(answer(200, { status: 'ok' }));
    expect(await waitForProbe(application, health, 0, signal)).toMatchObject({ passed: true });
  });

  test('ends when the application has ended', async () => {
    const application = await serve(answer(503, {}));
    const ended = { ...application, readExit: () => Promise.resolve('it ended with status 1') };
    expect(await waitForProbe(ended, health, 600_000, signal)).toMatchObject({ passed: false, actual: '503 {}' });
  });

  test('is INTERRUPTED with the rehearsal', async () => {
    const interruption = new AbortController();
    const application = await serve((request, response) => {
      interruption.abort();
      answer(503, {})(request, response);
    });
    await expect(waitForProbe(application, health, 600_000, interruption.signal)).rejects.toMatchObject({
      code: 'INTERRUPTED',
      message: 'Waiting for GET /health was interrupted.',
    });
  });
});

describe('what is wrong with an answer is told apart', () => {
  test.for([
    ['status', answer(503, {})],
    ['body', answer(200, { status: 'degraded' })],
    ['body', answer(200, 'no JSON')],
    ['unreachable', (request) => request.destroy()],
    ['incomplete', (_, response) => void response.writeHead(200).write('{')],
    ['incomplete', () => undefined],
  ] as [string, RequestListener][])('as %s', async ([failure, listener]) => {
    const application = await serve(listener);
    expect(await waitForProbe(application, health, 300, signal)).toMatchObject({ passed: false, failure });
  });

  test('as unreachable, where nobody ever listens', async () => {
    const application = { ...(await serve(answer(200, {}))), baseUrl: 'http://127.0.0.1:1' };
    expect(await waitForProbe(application, health, 300, signal)).toMatchObject({ failure: 'unreachable' });
  });

  test('as it was answered, where only the last attempt was cut off', async () => {
    let requests = 0;
    const application = await serve((request, response) => {
      requests += 1;
      if (requests === 1) answer(503, {})(request, response);
    });
    expect(await waitForProbe(application, health, 400, signal)).toMatchObject({ failure: 'status', actual: '503 {}' });
    expect(requests).toBe(2);
  });
});

test('an answer that comes after the deadline does not count', async () => {
  const application = await serve((request, response) => {
    setTimeout(() => {
      answer(200, { status: 'ok' })(request, response);
    }, 1500);
  });
  expect(await waitForProbe(application, health, 300, signal)).toMatchObject({ passed: false, failure: 'incomplete' });
});

test('a probe and what is expected of it can be told in words', () => {
  expect(describeProbe({ ...probe, method: 'POST' })).toBe('POST /users/1');
  expect(describeExpected(probe)).toBe('200 {"role":"Master"}');
  expect(describeExpected(healthProbe({ path: '/', status: 204, withinMs: 1 }))).toBe('204');
});
