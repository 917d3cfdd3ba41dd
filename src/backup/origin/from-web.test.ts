import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { answer, serve } from '../../../fixtures/testing/http.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { fetchFromWeb } from './from-web.ts';

/** Of a server that has just gone. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const content = randomBytes(300_000);
const limits = { timeoutMs: 20_000, silenceMs: 5000, pauseMs: 1, signal: undefined, proxies: null };

async function fetchFrom(listener: RequestListener, path = '/a/shop-20260201-030000.dump?sig=geheim') {
  const { baseUrl } = await serve(listener);
  const directory = await makeWorkspace();
  const options = { database: 'shop', now: new Date(), directory, report: () => undefined };
  return fetchFromWeb(new URL(path, baseUrl), options, limits);
}

/** Sends the file, and the rest of it where that is asked for; the connection breaks after some bytes, a few times. */
function breaking(times: number, etag: () => string): RequestListener {
  let left = times;
  return (request, response) => {
    const asked = /bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1];
    const isSame = request.headers['if-range'] === etag();
    const from = asked !== undefined && isSame ? Number(asked) : 0;
    const headers = { etag: etag(), 'content-length': String(content.length - from) };
    const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...headers, ...range } : headers);
    if (left-- > 0) response.write(content.subarray(from, from + 70_000), () => response.destroy());
    else response.end(content.subarray(from));
  };
}

describe('a backup behind an address', () => {
  test('comes whole though the connection breaks, and goes on where it was', async () => {
    const { set, from } = await fetchFrom(breaking(3, () => '"one"'));
    expect((await readFile(set?.dump ?? '')).equals(content)).toBe(true);
    expect(from).not.toContain('geheim');
    expect(basename(set?.dump ?? '')).toBe('shop-20260201-030000.dump');
  });

  test('that is another one meanwhile is fetched from its start', async () => {
    let answers = 0;
    const { set } = await fetchFrom(breaking(2, () => `"${(answers += 1)}"`));
    expect((await readFile(set?.dump ?? '')).equals(content)).toBe(true);
  });

  test('that breaks again and again is an error, and no half of it a backup', async () => {
    await expect(fetchFrom(breaking(50, () => '"one"'))).rejects.toMatchObject({ code: 'BACKUP_NOT_FETCHED' });
  });

  test('whose size the server does not say is whole where nothing of it is left to ask for', async () => {
    let asked = 0;
    const { set } = await fetchFrom((request, response) => {
      asked += 1;
      if (request.headers.range === `bytes=${content.length}-`) {
        response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
        return;
      }
      response.writeHead(200, { etag: '"one"' });
      response.write(content, () => response.destroy());
    });
    expect((await readFile(set?.dump ?? '')).equals(content)).toBe(true);
    expect(asked).toBe(2);
  });

  test('that has become shorter meanwhile is fetched anew', async () => {
    const asked: number[] = [];
    const shorter = content.subarray(0, 50_000);
    const { set } = await fetchFrom((request, response) => {
      if (request.headers.range !== undefined) response.writeHead(416, { 'content-range': 'bytes */50000' }).end();
      else if (asked.push(0) > 1) response.end(shorter);
      else {
        response.writeHead(200, { etag: '"one"', 'content-length': content.length });
        response.write(content.subarray(0, 100_000), () => response.destroy());
      }
    });
    expect((await readFile(set?.dump ?? '')).equals(shorter)).toBe(true);
  });

  test('that the server packs on the way is unpacked, and its size is no reason for doubt', async () => {
    const packed = gzipSync(content);
    const { set } = await fetchFrom((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': String(packed.length), etag: '"one"' });
      response.end(packed);
    });
    expect((await readFile(set?.dump ?? '')).equals(content)).toBe(true);
  });

  test('is followed where the server leads', async () => {
    const { set } = await fetchFrom((request, response) => {
      if (request.url !== '/real') response.writeHead(302, { location: '/real' }).end();
      else response.end(content);
    });
    expect((await readFile(set?.dump ?? '')).equals(content)).toBe(true);
  });

  test.for<[string, RequestListener, RegExp]>([
    ['that leads in a circle', answer(302, '', { location: '/again' }), /one address to the next/],
    ['that leads elsewhere', answer(302, '', { location: 'ftp://host/a' }), /not encrypted/],
    ['that is not there', answer(404, 'no'), /404.*no file/],
    ['that is not for us', answer(403, '<Error><Code>AccessDenied</Code>'), /403 \(AccessDenied\).*signed/],
    [
      'whose signature has expired',
      answer(403, '<Error><Code>AccessDenied</Code><Message>Request has expired</Message>'),
      /expired.*s3:\/\//,
    ],
  ])('%s is named', async ([, listener, says]) => {
    const failure = await fetchFrom(listener).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: 'BACKUP_NOT_FETCHED' });
    expect((failure as Error).message).toMatch(says);
    expect((failure as Error).message).not.toContain('geheim');
  });

  test('where nobody listens is named', async () => {
    const directory = await makeWorkspace();
    const options = { database: 'shop', now: new Date(), directory, report: () => undefined };
    const fetching = fetchFromWeb(new URL(`http://127.0.0.1:${await closedPort()}/a?sig=geheim`), options, limits);
    await expect(fetching).rejects.toMatchObject({ message: expect.stringMatching(/nobody listens/) as string });
  });

  test.for(['/%2e%2e%2fx', '/..%00', '/', '/-rf', '/a%0Ab'])('%s stays in its directory', async (path) => {
    const { set } = await fetchFrom((_request, response) => response.end(content), path);
    expect(basename(set?.dump ?? '')).toMatch(/^[\p{L}\p{N}._-]+$/u);
    expect((await readFile(set?.dump ?? '')).equals(content)).toBe(true);
  });
});
