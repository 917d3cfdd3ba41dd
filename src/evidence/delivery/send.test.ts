import { createServer } from 'node:net';
import { once } from 'node:events';
import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { receive, reset, say, worksFrom, type Receiver } from '../../../fixtures/testing/receiver.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { NotDelivered, send } from './send.ts';

const patience = { deadlineMs: 1500, attemptMs: 400, firstPauseMs: 10 };
const message = { method: 'POST', body: { text: 'a <b> & "c" ключ' } } as const;

/** What sending says where it fails; null where it does not. Never the secret. */
async function failureOf(url: URL, within = patience): Promise<string | null> {
  const error = await send(url, message, within).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error === null) return null;
  expect(error).toBeInstanceOf(NotDelivered);
  const said = (error as NotDelivered).message;
  expect(said).not.toContain('SECRET');
  expect(said).not.toContain('T00');
  return said;
}

test('a message arrives whole, and once', async () => {
  const { url, received } = await receive(say(200, 'ok'));
  expect(await failureOf(url)).toBeNull();
  expect(received).toMatchObject([{ method: 'POST', url: '/services/T00/SECRET?key=SECRET' }]);
  expect(received[0]?.headers['content-type']).toBe('application/json');
  expect(JSON.parse(received[0]?.body ?? '')).toEqual(message.body);
});

test.for([200, 201, 202, 204])('status %i is taken for a delivery', async (status) => {
  const { url } = await receive(say(status));
  expect(await failureOf(url)).toBeNull();
});

describe.for<[string, Parameters<typeof receive>[0]]>([
  ['status 500', say(500, 'oh no')],
  ['status 503', say(503)],
  ['status 429 without a word on when', say(429)],
  ['status 408', say(408)],
  ['a connection that is reset', reset],
  ['an answer that never comes', () => undefined],
  ['garbage in place of HTTP', (response) => response.socket?.end('garbage\r\n\r\n')],
])('after %s', ([, fail]) => {
  test('it is tried again, and arrives', async () => {
    const { url, received } = await receive(worksFrom(3, fail));
    expect(await failureOf(url)).toBeNull();
    expect(received).toHaveLength(3);
  });

  test('again and again, there is an end, and a word on it', async () => {
    const { url, host, received } = await receive(fail);
    const startedAt = performance.now();
    const said = await failureOf(url);
    expect(performance.now() - startedAt).toBeLessThan(patience.deadlineMs + 1000);
    expect(said).toMatch(new RegExp(`^${host} .* \\(${received.length} attempts\\)\\.$`));
    expect(received.length).toBeGreaterThan(1);
  });
});

test.for<[string, Parameters<typeof receive>[0], string]>([
  ['an address that is gone', say(404, 'no_service'), 'answered 404: no_service.'],
  ['a message that it does not take', say(400, 'invalid_payload'), 'answered 400: invalid_payload.'],
  ['one that has to log in', say(401), 'answered 401.'],
  [
    'a redirect, which would take the secret elsewhere',
    say(302, '', { location: 'http://127.0.0.1:1/elsewhere' }),
    'answered 302, which leads elsewhere. Redirects are not followed: give the address that it leads to.',
  ],
  [
    'a redirect to itself',
    (response) => response.writeHead(307, { location: '/services/T00/SECRET' }).end(),
    'answered 307, which leads elsewhere. Redirects are not followed: give the address that it leads to.',
  ],
  ['Slack, which says 200 of a webhook that is gone', say(200, 'no_service'), 'answered 200: no_service.'],
  ['Healthchecks.io, which says OK to anything', say(200, 'OK (not found)'), 'answered 200: OK (not found).'],
  [
    'a monitor that is paused',
    say(200, '{"ok":false,"msg":"not active"}'),
    'answered 200: {"ok":false,"msg":"not active"}.',
  ],
  ['escape sequences', say(400, '\u001b[31mred\u001b[0m\n\nline'), 'answered 400: \uFFFD[31mred\uFFFD[0m line.'],
  ['a page', say(403, `<html>${'x'.repeat(5_000_000)}`), `answered 403: <html>${'x'.repeat(114)}.`],
])('%s is not asked again', async ([, answer, expected]) => {
  const { url, host, received } = await receive(answer);
  expect(await failureOf(url)).toBe(`${host} ${expected}`);
  expect(received).toHaveLength(1);
});

test.for(['1', () => new Date(Date.now() + 1000).toUTCString()])(
  'Retry-After is heeded, whether it is seconds or a date',
  async (after) => {
    const value = typeof after === 'string' ? after : after();
    const { url, received } = await receive(worksFrom(2, say(429, '', { 'retry-after': value })));
    const startedAt = performance.now();
    expect(await failureOf(url, { ...patience, deadlineMs: 10_000 })).toBeNull();
    expect(received).toHaveLength(2);
    // A date has whole seconds only.
    if (typeof after === 'string') expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  },
);

test('who wants to be left alone for longer than there is time is not asked again', async () => {
  const { url, host, received } = await receive(say(429, 'slow down', { 'retry-after': '3600' }));
  expect(await failureOf(url)).toBe(`${host} answered 429: slow down.`);
  expect(received).toHaveLength(1);
});

test('a body that never ends does not keep anybody', async () => {
  const endless: Receiver = await receive((response) => {
    response.writeHead(200);
    const more = () => {
      while (response.write('x'.repeat(10_000)));
      response.once('drain', more);
    };
    more();
  });
  expect(await failureOf(endless.url)).toBeNull();
  const silent = await receive((response) => {
    response.writeHead(200).flushHeaders();
  });
  const startedAt = performance.now();
  expect(await failureOf(silent.url, { deadlineMs: 20_000, attemptMs: 20_000, firstPauseMs: 1 })).toBeNull();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test('nobody who listens, and a name that does not resolve, are said', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  const secret = '/services/T00/SECRET';
  expect(await failureOf(new URL(`http://127.0.0.1:${port}${secret}`))).toMatch(
    new RegExp(`^127\\.0\\.0\\.1:${port} could not be reached: ECONNREFUSED \\(\\d+ attempts\\)\\.$`),
  );
  expect(await failureOf(new URL(`https://hooks.restore-rehearsal.invalid${secret}`))).toMatch(
    /^hooks\.restore-rehearsal\.invalid is a name that does not resolve \((?:ENOTFOUND|EAI_AGAIN)\)(?: \(\d+ attempts\))?\.$/,
  );
});

test('a certificate that nobody has signed is refused, and not asked again', async () => {
  const directory = await makeWorkspace();
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await execa('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject]);
  const tls = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  const { url, host, received } = await receive(say(200), tls);
  expect(await failureOf(url)).toBe(
    `${host} has a certificate that is not trusted here (DEPTH_ZERO_SELF_SIGNED_CERT). NODE_EXTRA_CA_CERTS names a file with further authorities.`,
  );
  expect(received).toHaveLength(0);
});

test('a login in the address is sent as one, and not shown', async () => {
  const { url, received } = await receive(say(500));
  url.username = 'SECRET';
  url.password = 'p%40ss';
  expect(await failureOf(url)).toContain('answered 500');
  expect(received[0]?.headers.authorization).toBe(`Basic ${Buffer.from('SECRET:p@ss').toString('base64')}`);
});

test('an answer that comes late is waited for only so long', async () => {
  const timers: NodeJS.Timeout[] = [];
  onTestFinished(() => {
    timers.forEach(clearTimeout);
  });
  const { url, host } = await receive((response) => timers.push(setTimeout(() => response.end(), 60_000)));
  expect(await failureOf(url)).toMatch(`${host} did not answer within 0.`);
});
