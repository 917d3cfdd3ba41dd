import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { createServer as createPlainServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeAuthority } from '../../fixtures/testing/certificates.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { explainRemote } from './docker-remote.ts';

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A daemon that asks for a certificate, and a client that it trusts. */
async function makeDaemon({ serverDays = 2, clientDays = 2, name = 'IP:127.0.0.1' } = {}) {
  const workspace = await makeWorkspace();
  const authority = await makeAuthority(workspace);
  const certificates = join(workspace, 'client');
  await mkdir(certificates);
  const client = await authority.certify('DNS:client', clientDays);
  const ca = await readFile(authority.file);
  await writeFile(join(certificates, 'ca.pem'), ca);
  await writeFile(join(certificates, 'cert.pem'), client.cert);
  await writeFile(join(certificates, 'key.pem'), client.key);
  const own = await authority.certify(name, serverDays);
  const server = createServer({ ...own, ca, requestCert: true, rejectUnauthorized: true }, (_request, response) => {
    response.end('OK');
  });
  return { host: await listen(server), certificates, authority };
}

test('a daemon that lets this client in is not to blame', async () => {
  const { host, certificates } = await makeDaemon();
  expect(await explainRemote({ host, certificates, verifies: true })).toBeNull();
});

type Daemon = Awaited<ReturnType<typeof makeDaemon>>;

test.for<[string, (daemon: Daemon) => unknown, RegExp]>([
  ['that is not there', ({ certificates }) => rm(join(certificates, 'cert.pem')), /cert\.pem is not there/],
  [
    'that is none',
    ({ certificates }) => writeFile(join(certificates, 'ca.pem'), 'x'),
    /ca\.pem .* is not in the form of PEM/,
  ],
  [
    'whose key is of another',
    async ({ certificates, authority }) =>
      writeFile(join(certificates, 'key.pem'), (await authority.certify('DNS:x', 2)).key),
    /do not belong together/,
  ],
  [
    'that nobody trusts',
    async ({ certificates, authority }) => {
      const { cert, key } = await authority.selfSign('DNS:x');
      await writeFile(join(certificates, 'cert.pem'), cert);
      await writeFile(join(certificates, 'key.pem'), key);
    },
    /refuses the certificate of this client/,
  ],
  [
    'of an authority that is another',
    async ({ certificates }) => {
      const other = await makeAuthority(await makeWorkspace());
      await writeFile(join(certificates, 'ca.pem'), await readFile(other.file));
    },
    /was not signed by ca\.pem/,
  ],
])('a certificate %s is named', async ([, damage, reason]) => {
  const daemon = await makeDaemon();
  await damage(daemon);
  const { host, certificates } = daemon;
  expect((await explainRemote({ host, certificates, verifies: true }))?.reason).toMatch(reason);
});

test.for([
  ['the client’s', { clientDays: -1 }, /cert\.pem \(DOCKER_CERT_PATH\) has expired: it was valid until 20/],
  ['the daemon’s', { serverDays: -1 }, /certificate of the daemon at .* has expired/],
  ['one for another name', { name: 'DNS:elsewhere' }, /is for other names/],
] as const)('so is %s', async ([, how, reason]) => {
  const { host, certificates } = await makeDaemon(how);
  expect((await explainRemote({ host, certificates, verifies: true }))?.reason).toMatch(reason);
});

test('TLS that is missing, and TLS that is too much', async () => {
  const plain = await listen(
    createPlainServer((_request, response) =>
      response.writeHead(400).end('Client sent an HTTP request to an HTTPS server.'),
    ),
  );
  const { certificates } = await makeDaemon();
  expect(await explainRemote({ host: plain, certificates: null, verifies: false })).toMatchObject({
    remedy: expect.stringContaining('DOCKER_TLS_VERIFY=1') as string,
  });
  expect((await explainRemote({ host: plain, certificates, verifies: true }))?.reason).toMatch(/does not speak TLS/);
  expect((await explainRemote({ host: plain, certificates: null, verifies: true }))?.reason).toMatch(
    /DOCKER_CERT_PATH does not/,
  );
});

test('nobody who listens, no such machine, and a way that is not known', async () => {
  const explain = async (host: string) => (await explainRemote({ host, certificates: null, verifies: false }))?.reason;
  expect(await explain('tcp://127.0.0.1:1')).toMatch(/at tcp:\/\/127\.0\.0\.1:1 \(DOCKER_HOST\): nobody listens there/);
  expect(await explain('tcp://nowhere.invalid:2376')).toMatch(/has no address/);
  expect(await explain('ssh://me@build')).toMatch(/only the program docker knows/);
  expect(await explain('unix:///var/run/docker.sock')).toBeUndefined();
});
