import { execa } from 'execa';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { createServer as createProxy } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { makeAuthority, type Certificate } from '../../../fixtures/testing/certificates.ts';
import { serve } from '../../../fixtures/testing/http.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../../system/environment.ts';
import { fetchFromWeb } from './from-web.ts';

const content = Buffer.concat([Buffer.from('PGDMP'), randomBytes(50_000)]);
const program = fileURLToPath(new URL('../../../fixtures/testing/fetch-addresses.ts', import.meta.url));
const here = 'IP:127.0.0.1';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function serveFile(certificate: Certificate): Promise<string> {
  const port = await listen(createServer(certificate, (_request, response) => response.end(content)));
  return `https://127.0.0.1:${port}/shop.dump?sig=geheim`;
}

/** A proxy that lets everybody through, or nobody without this login; it notes whom it was asked for. */
async function serveProxy(login?: string) {
  const asked: string[] = [];
  const proxy = createProxy();
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const [host = '', port = ''] = (request.url ?? '').split(':');
    if (login !== undefined && request.headers['proxy-authorization'] !== `Basic ${btoa(login)}`) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const to = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      to.pipe(socket).pipe(to);
    });
    for (const end of [to, socket]) end.on('error', () => undefined);
  });
  return { asked, address: `127.0.0.1:${await listen(proxy)}` };
}

test('an authority of one’s own is trusted where NODE_EXTRA_CA_CERTS names it, also through a proxy; what is amiss with a certificate is said', async () => {
  const workspace = await makeWorkspace();
  const authority = await makeAuthority(workspace);
  const good = await serveFile(await authority.certify(here, 2));
  const addresses = [
    good,
    await serveFile(await authority.certify(here, -1)),
    await serveFile(await authority.certify('DNS:other.example', 2)),
    await serveFile(await authority.selfSign(here)),
  ];
  const proxy = await serveProxy('user:geheim');
  const said = async (...more: string[]) => {
    const directory = join(workspace, randomBytes(4).toString('hex'));
    await mkdir(directory);
    const [http = ''] = more;
    const env = { PATH: readEnvironment().path, NODE_EXTRA_CA_CERTS: authority.file, HTTPS_PROXY: http };
    const { stdout } = await execa(
      'node',
      ['--import', 'tsx', program, directory, ...(http === '' ? addresses : [good])],
      {
        env,
        extendEnv: false,
        cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      },
    );
    expect(stdout).not.toContain('geheim');
    return JSON.parse(stdout) as string[];
  };
  expect(await said()).toEqual([
    'shop.dump',
    expect.stringMatching(/certificate of the server has expired.*CERT_HAS_EXPIRED/),
    expect.stringMatching(/certificate is for another name/),
    expect.stringMatching(/signed by nobody that this machine trusts: .*NODE_EXTRA_CA_CERTS/),
  ]);
  expect(await said(`http://user:geheim@${proxy.address}`)).toEqual(['shop.dump']);
  expect(proxy.asked).toEqual([new URL(good).host]);
}, 60_000);

async function fetchHere(address: string, proxies: Parameters<typeof fetchFromWeb>[2]['proxies']) {
  const directory = await makeWorkspace();
  const options = { database: 'shop', now: new Date(), directory, report: () => undefined };
  const limits = { timeoutMs: 20_000, silenceMs: 5000, pauseMs: 1, signal: undefined, proxies };
  return fetchFromWeb(new URL(address), options, limits);
}

test('an authority that nobody has named is not trusted', async () => {
  const address = await serveFile(await (await makeAuthority(await makeWorkspace())).certify(here, 2));
  await expect(fetchHere(address, null)).rejects.toMatchObject({
    code: 'BACKUP_NOT_FETCHED',
    message: expect.stringMatching(/NODE_EXTRA_CA_CERTS/) as string,
  });
});

test('a proxy that wants another login, one that is not there, and an address that is none are named', async () => {
  const { baseUrl } = await serve((_request, response) => response.end(content));
  const proxy = await serveProxy('user:geheim');
  const via = (httpProxy: string, noProxy = '') =>
    fetchHere(`${baseUrl}/shop.dump?sig=geheim`, { httpProxy, httpsProxy: '', noProxy });
  const message = async (fetching: ReturnType<typeof via>) =>
    fetching.then(
      () => 'fetched',
      (error: unknown) => (error as Error).message,
    );
  expect(await message(via(`http://user:geheim@${proxy.address}`))).toBe('fetched');
  const failures = [
    await message(via(`http://user:nicht-geheim@${proxy.address}`)),
    await message(via('http://user:geheim@127.0.0.1:1')),
    await message(via('user:geheim@127.0.0.1 1')),
  ];
  expect(failures).toEqual([
    expect.stringMatching(/the proxy of HTTPS_PROXY does not let it through.*NO_PROXY/),
    expect.stringMatching(/nobody listens there.*may be the proxy.*NO_PROXY/),
    expect.stringMatching(/no address of a proxy.*NO_PROXY/),
  ]);
  expect(failures.join()).not.toContain('geheim@');
  const before = proxy.asked.length;
  expect(await message(via(`http://${proxy.address}`, '127.0.0.1'))).toBe('fetched');
  expect(proxy.asked.length).toBe(before);
});

test.for([
  ['shop.dump', { 'shop.dump.sha256': `${'a'.repeat(64)}  shop.dump\n` }, ['shop.dump', 'shop.dump.sha256']],
  ['shop.dump', { 'shop.dump.sha256': '<html>no such file</html>' }, ['shop.dump']],
  [
    'shop_20260209T094803Z.dump',
    { 'shop_20260209T094803Z.manifest.json': '{}', 'shop_20260209T094803Z.globals.sql': '<html>' },
    ['shop_20260209T094803Z.dump', 'shop_20260209T094803Z.manifest.json'],
  ],
  ['shop.dump?sig=geheim', { 'shop.dump.sha256': 'b'.repeat(64) }, ['shop.dump']],
] as const)('beside %s there is %j', async ([name, others, expected]) => {
  const { baseUrl } = await serve((request, response) => {
    const path = (request.url ?? '').replace('/d/', '');
    const other = (others as Record<string, string>)[path];
    if (path === name || other !== undefined) response.end(other ?? content);
    else response.writeHead(404).end();
  });
  const { set } = await fetchHere(`${baseUrl}/d/${name}`, null);
  expect((await readdir(dirname(set?.dump ?? ''))).toSorted()).toEqual(expected);
});
