import { execa } from 'execa';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCommand } from '../fixtures/testing/run-rehearse.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';

const keygen = (...args: string[]) => startCommand('evidence keygen', args);

test('a key is made of which openssl knows both halves, and whose fingerprint it computes', async () => {
  const directory = await makeWorkspace();
  const file = join(directory, 'evidence.key');
  const { exitCode, all } = await keygen('--out', file);
  expect(exitCode).toBe(0);
  const openssl = (...args: string[]) => execa('openssl', ['pkey', ...args], { encoding: 'buffer' });
  const { stdout: derived } = await openssl('-in', file, '-pubout');
  expect(Buffer.from(derived).toString()).toBe((await readFile(`${file}.pub`, 'utf8')).trimEnd());
  const { stdout: der } = await openssl('-pubin', '-in', `${file}.pub`, '-outform', 'DER');
  const { stdout: sum } = await execa('sha256sum', { input: der });
  expect(all).toContain(`fingerprint  ${sum.slice(0, 64)}\n`);
  expect(all).not.toContain((await readFile(file, 'utf8')).split('\n')[1]);
});

test('only this account can read the private key, whatever the umask', async () => {
  const file = join(await makeWorkspace(), 'evidence.key');
  await startCommand('evidence keygen', ['--out', file], {}, ['bash', '-c', 'umask 0; exec "$@"', 'bash']);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(`${file}.pub`)).mode & 0o777).toBe(0o644);
});

test.for(['evidence.key', 'evidence.key.pub'])(
  'where there is a file %s, it stays, and no key is made',
  async (name) => {
    const directory = await makeWorkspace({ [name]: 'not ours' });
    const { exitCode, all } = await keygen('--out', join(directory, 'evidence.key'));
    expect(exitCode).toBe(2);
    expect(all).toContain(`No key was made: ${join(directory, name)} is there already`);
    expect(await readdir(directory)).toEqual([name]);
    expect(await readFile(join(directory, name), 'utf8')).toBe('not ours');
  },
);

test.for([
  ['nothing says where to', [], 'Say where the key goes: npm run evidence -- keygen --out FILE'],
  ['there is no such directory', ['--out', '/no/where/evidence.key'], 'there is no directory /no/where.'],
  ['nobody may write there', ['--out', '/proc/evidence.key'], '/proc'],
  ['a word is too many', ['evidence.key'], 'npm run evidence -- keygen takes flags only, not "evidence.key".'],
] as const)('where %s, it says so', async ([, args, message]) => {
  const { exitCode, all } = await keygen(...args);
  expect(exitCode).toBe(2);
  expect(all).toContain(message);
});

test.for([
  [
    [],
    2,
    /^npm run evidence takes a word that says what to do\. All there are: keygen.* Try: npm run evidence -- --help$/,
  ],
  [['keygne'], 2, /^npm run evidence takes no "keygne"; did you mean keygen\? /],
  [['--out', 'a'], 2, /^npm run evidence takes no "--out"/],
  [['--help'], 0, /^Usage: npm run evidence -- COMMAND \[flags\]\n[^]*\n {2}keygen .*Ed25519/],
] as const)('npm run evidence -- %j says what there is', async ([args, status, told]) => {
  const { exitCode, all } = await startCommand('evidence', [...args]);
  expect(all).toMatch(told);
  expect(exitCode).toBe(status);
});
