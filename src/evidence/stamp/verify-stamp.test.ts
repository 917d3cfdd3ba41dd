import { execa } from 'execa';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startAuthority } from '../../../fixtures/testing/time-stamp-authority.ts';
import { readCertificates } from './read-certificates.ts';
import { requestStamp } from './request-stamp.ts';
import { parseStamp } from './stamp.ts';
import { verifyStamp } from './verify-stamp.ts';

const directory = mkdtempSync(join(tmpdir(), 'rehearsal-test-'));
const bytes = Buffer.from('the bytes of a signature');

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const granted = Buffer.from('3003020100', 'hex');

/** DER, with a length of two bytes. */
function sequence(...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0x30, 0x82, content.length >> 8, content.length & 0xff]), content]);
}

test.for([
  ['for something else', 'critical, serverAuth'],
  ['for something else, too', 'critical, timeStamping, serverAuth'],
  ['for time stamps, but not critically', 'timeStamping'],
] as const)('a certificate that was made %s is not trusted, whoever has made it', async ([, usage]) => {
  const authority = await startAuthority(directory);
  const { der, stampedAt } = await requestStamp(authority.url, bytes);
  authority.close();
  const { signedData } = await parseStamp(der);
  await writeFile(
    join(directory, 'info'),
    Buffer.from(signedData.encapContentInfo.eContent?.getValue() ?? new ArrayBuffer(0)),
  );
  await writeFile(join(directory, 'usage'), `extendedKeyUsage = ${usage}\n`);
  const openssl = (line: string) => execa('openssl', line.split(' '), { cwd: directory });
  await openssl('x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 3 -out web.pem -days 9 -extfile usage');
  const type = '-econtent_type id-smime-ct-TSTInfo';
  await openssl(`cms -sign -binary -nodetach ${type} -in info -signer web.pem -inkey tsa.key -outform DER -out cms`);
  const forged = sequence(granted, await readFile(join(directory, 'cms')));
  const authorities = await readCertificates(authority.rootFile);
  const expectation = { signature: bytes, authorities, finishedAt: stampedAt };
  expect(await verifyStamp(der, expectation)).toMatchObject({ ok: true });
  expect(await verifyStamp(forged, expectation)).toEqual({
    ok: false,
    problem: 'STAMP_NOT_TRUSTED',
    message: expect.stringMatching(/"Authority", whose certificate is not made for time stamps alone/) as string,
  });
});
