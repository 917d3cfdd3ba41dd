import { execa } from 'execa';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  startAuthority,
  type Authority,
  type AuthorityOptions,
} from '../../../fixtures/testing/time-stamp-authority.ts';
import { requestStamp } from './request-stamp.ts';
import { readCertificates } from './read-certificates.ts';
import { verifyStamp } from './verify-stamp.ts';

const workspace = mkdtempSync(join(tmpdir(), 'rehearsal-test-'));
const bytes = Buffer.from('the bytes of a signature');
const patience = { totalMs: 3_000, attemptMs: 700, pauseMs: 20 };
let good: Authority;
let made = 0;

beforeAll(async () => {
  good = await start({});
});

afterAll(() => {
  good.close();
  rmSync(workspace, { recursive: true, force: true });
});

async function start(options: AuthorityOptions): Promise<Authority> {
  const directory = join(workspace, `authority-${(made += 1)}`);
  await mkdir(directory);
  return startAuthority(directory, options);
}

async function startForTest(options: AuthorityOptions): Promise<Authority> {
  const authority = await start(options);
  onTestFinished(authority.close);
  return authority;
}

test('what openssl stamps is a time stamp for us, and for openssl', async () => {
  const { der, stampedAt } = await requestStamp(good.url, bytes);
  expect(Math.abs(stampedAt.getTime() - Date.now())).toBeLessThan(60_000);
  for (const file of [good.rootFile, good.certificateFile]) {
    const authorities = await readCertificates(file);
    const expectation = { signature: bytes, authorities, finishedAt: stampedAt };
    expect(await verifyStamp(der, expectation)).toEqual({ ok: true, stampedAt });
  }
  await writeFile(join(workspace, 'stamp'), der);
  await writeFile(join(workspace, 'bytes'), bytes);
  const args = ['ts', '-verify', '-in', 'stamp', '-data', 'bytes', '-CAfile', good.rootFile];
  expect((await execa('openssl', args, { cwd: workspace })).stdout).toContain('Verification: OK');
});

test('an authority that fails for a moment is asked again', async () => {
  const authority = await startForTest({
    intercept: async (_request, respond) =>
      authority.requests < 3 ? { status: 503, body: 'later' } : { body: await respond() },
  });
  await requestStamp(authority.url, bytes, { ...patience, totalMs: 20_000, attemptMs: 10_000 });
  expect(authority.requests).toBe(3);
});

test.for<[string, AuthorityOptions['intercept'], RegExp, number | null]>([
  ['never answers', () => Promise.resolve('never'), /had not answered after 0\.\d s/, null],
  ['fails all the time', () => Promise.resolve({ status: 502, body: 'x' }), /answered with HTTP status 502/, null],
  ['refuses', () => Promise.resolve({ status: 400, body: 'too many requests' }), /HTTP status 400/, 1],
  [
    'answers with a page',
    () => Promise.resolve({ body: '<html>log in' }),
    /What stands for a time stamp is no answer/,
    1,
  ],
  ['answers with nothing', () => Promise.resolve({ body: '' }), /is no answer of an authority/, 1],
  ['answers without end', () => Promise.resolve({ body: Buffer.alloc(200_000) }), /more than 64 kB/, 1],
  [
    'answers another request',
    async () => ({ body: (await requestStamp(good.url, Buffer.from('other bytes'))).der }),
    /is of another signature/,
    1,
  ],
  [
    'gives the stamp of an earlier request',
    async () => ({ body: (await requestStamp(good.url, bytes)).der }),
    /answered another request: its time stamp has another nonce/,
    1,
  ],
  [
    'says that it was refused',
    () => Promise.resolve({ body: Buffer.from('300b300902010230040c026e6f', 'hex') }),
    /a refusal \(status 2\): no/,
    1,
  ],
])('one that %s gives none', async ([, intercept, message, requests]) => {
  const authority = await startForTest({ intercept: intercept ?? (() => Promise.resolve('never')) });
  // What is answered is waited for, however busy the machine is.
  const waits = requests === null ? patience : { ...patience, totalMs: 20_000, attemptMs: 10_000 };
  await expect(requestStamp(authority.url, bytes, waits)).rejects.toThrow(message);
  if (requests !== null) expect(authority.requests).toBe(requests);
  else expect(authority.requests).toBeGreaterThan(1);
});

test('one that is not there gives none, and its login is not shown', async () => {
  const authority = await startForTest({});
  authority.close();
  const url = authority.url.replace('127', 'anna:hush-hush@127');
  const asked = requestStamp(url, bytes, { ...patience, totalMs: 300 });
  await expect(asked).rejects.toThrow(/The authority 127\.0\.0\.1:\d+\/tsr cannot be reached/);
  await expect(asked).rejects.not.toThrow('hush-hush');
});
