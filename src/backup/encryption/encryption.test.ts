import { execa } from 'execa';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../../system/environment.ts';
import { unwrap } from '../layers/unwrap.ts';
import { sealDump } from '../seal-dump.ts';
import { canOpen } from './can-open.ts';
import { prepareEncryption, type Encrypt } from './encrypt.ts';
import { findKeys, type Keys } from './keys.ts';

const { path } = readEnvironment();
/** As pg_dump writes it in custom format, and longer than one piece of age. */
const dump = Buffer.concat([Buffer.from('PGDMP'), randomBytes(200_000)]);
const words = { age: '', ageOther: '', agePublic: '', ssh: '', sshPublic: '', gpg: '', gpgOther: '', fingerprint: '' };
let home = '';

beforeAll(async () => {
  const { mkdtemp } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  home = await mkdtemp(join(tmpdir(), 'rehearsal-keys-'));
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
  words.age = await generateX25519Identity();
  words.ageOther = await generateX25519Identity();
  words.agePublic = await identityToRecipient(words.age);
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'drill', '-f', join(home, 'ssh')]);
  words.ssh = await readFile(join(home, 'ssh'), 'utf8');
  words.sshPublic = (await readFile(join(home, 'ssh.pub'), 'utf8')).trim();
  const gpg = async (...args: string[]) =>
    execa('gpg', ['--batch', '--quiet', '--passphrase', '', ...args], {
      env: { PATH: path, GNUPGHOME: home },
      extendEnv: false,
    });
  for (const name of ['drill', 'other'])
    await gpg('--quick-gen-key', `${name}@example.org`, 'future-default', 'default', 'never');
  words.gpg = (await gpg('--export-secret-keys', '--armor', 'drill@example.org')).stdout;
  words.gpgOther = (await gpg('--export-secret-keys', '--armor', 'other@example.org')).stdout;
  const listed = await gpg('--with-colons', '--list-keys', 'drill@example.org');
  words.fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listed.stdout)?.[1] ?? '';
  return async () => {
    await execa('gpgconf', ['--kill', 'gpg-agent'], { env: { PATH: path, GNUPGHOME: home }, reject: false });
    const { rm } = await import('node:fs/promises');
    await rm(home, { recursive: true, force: true });
  };
}, 120_000);

async function keysOf(variables: Record<string, string>, command?: string[]): Promise<Keys> {
  const environment = readEnvironment({ PATH: path, ...variables });
  return findKeys(command === undefined ? {} : { decrypt: { command } }, environment, await makeWorkspace());
}

async function encrypt(to: Encrypt, content = dump): Promise<Buffer> {
  const options = { path, gnupg: { GNUPGHOME: home }, limits: { timeoutMs: 60_000 } };
  const { through } = await prepareEncryption(to, options);
  const pieces: Buffer[] = [];
  for await (const piece of through(inPieces(content))) pieces.push(piece);
  return Buffer.concat(pieces);
}

function inPieces(content: Buffer): Readable {
  const length = 30_000;
  const count = Math.ceil(content.length / length);
  return Readable.from(Array.from({ length: count }, (_, at) => content.subarray(at * length, (at + 1) * length)));
}

async function open(content: Buffer, keys: Keys) {
  const file = join(await makeWorkspace(), 'shop.dump');
  await writeFile(file, content);
  const limits = { timeoutMs: 60_000, path, keys };
  const { wrong, opened, inside } = await unwrap(await sealDump(file, keys.directory), keys.directory, limits);
  const plain = wrong === null && opened.length > 0 ? await readFile(inside.file) : null;
  return { rule: wrong?.rule ?? null, says: `${wrong?.message} ${wrong?.remedy}`, opened, plain };
}

const ways = [
  ['age', () => ({ age: [words.agePublic] }), () => ({ REHEARSAL_AGE_IDENTITY: words.age }), () => words.agePublic],
  ['a key of SSH', () => ({ age: [words.sshPublic] }), () => ({ REHEARSAL_AGE_IDENTITY: words.ssh }), () => 'SHA256:'],
  [
    'gpg',
    () => ({ gpg: [words.fingerprint] }),
    () => ({ REHEARSAL_GPG_KEY: words.gpg }),
    () => words.fingerprint.slice(-4),
  ],
] as const;

describe.for(ways)('a backup encrypted to %s', ([, to, key, named]) => {
  test('is opened by its key, which is named, and no plain part of it is on the way', async () => {
    const encrypted = await encrypt(to());
    expect(encrypted.includes(dump.subarray(100, 200))).toBe(false);
    const { rule, opened, plain } = await open(encrypted, await keysOf(key()));
    expect([rule, plain?.equals(dump)]).toEqual([null, true]);
    expect(opened[0]?.key).toContain(named() === words.fingerprint.slice(-4) ? '' : named());
  });

  test.for([1, 17, 70_000])('and cut off by %i bytes is never half a backup', async (bytes) => {
    const encrypted = await encrypt(to());
    const { rule, plain } = await open(encrypted.subarray(0, -bytes), await keysOf(key()));
    expect(plain).toBeNull();
    expect(rule).toMatch(/^ARCHIVE_(TRUNCATED|CORRUPT)$/);
  });

  test('whose bytes have changed is not taken', async () => {
    const encrypted = await encrypt(to());
    encrypted.writeUInt8(encrypted.readUInt8(100_000) ^ 1, 100_000);
    const { rule, plain } = await open(encrypted, await keysOf(key()));
    expect([rule, plain]).toEqual(['ARCHIVE_CORRUPT', null]);
  });

  test('without a key is named, with what to give', async () => {
    const { rule, says } = await open(await encrypt(to()), await keysOf({}));
    expect(rule).toBe('ARCHIVE_ENCRYPTED');
    expect(says).toMatch(/REHEARSAL_(AGE_IDENTITY|GPG_KEY)_FILE/);
  });

  test('is not opened by the key of somebody else, which is said', async () => {
    const other = { REHEARSAL_AGE_IDENTITY: words.ageOther, REHEARSAL_GPG_KEY: words.gpgOther };
    const { rule, says } = await open(await encrypt(to()), await keysOf(other));
    expect(rule).toBe('DECRYPTION_KEY_WRONG');
    expect(says).not.toContain('SECRET');
  });
});

test('gpg leaves neither its agent nor a keyring', async () => {
  const keys = await keysOf({ REHEARSAL_GPG_KEY: words.gpg });
  await open(await encrypt({ gpg: [words.fingerprint] }), keys);
  expect((await readdir(keys.directory)).filter((name) => name.startsWith('gpg-'))).toEqual([]);
  const account = join(await makeWorkspace(), 'home');
  await mkdir(account);
  await open(await encrypt({ gpg: [words.fingerprint] }), await keysOf({ HOME: account }));
  expect(existsSync(join(account, '.gnupg'))).toBe(false);
});

test.for([
  ['age', ['--passphrase', '--armor'], 'REHEARSAL_AGE_PASSPHRASE'],
  ['gpg', ['--symmetric'], 'REHEARSAL_GPG_PASSPHRASE'],
] as const)('a passphrase of %s opens it, and another one does not', async ([program, , variable]) => {
  const encrypted = program === 'age' ? await byPassphraseOfAge() : await byPassphraseOfGpg();
  expect((await open(encrypted, await keysOf({ [variable]: 'right' }))).plain?.equals(dump)).toBe(true);
  expect((await open(encrypted, await keysOf({ [variable]: 'wrong' }))).rule).toBe('DECRYPTION_KEY_WRONG');
});

async function byPassphraseOfAge(): Promise<Buffer> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(10);
  encrypter.setPassphrase('right');
  return Buffer.from(await encrypter.encrypt(dump));
}

async function byPassphraseOfGpg(): Promise<Buffer> {
  const args = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', 'right', '--symmetric'];
  const options = { env: { PATH: path, GNUPGHOME: home }, extendEnv: false, input: dump, encoding: 'buffer' } as const;
  return Buffer.from((await execa('gpg', args, options)).stdout);
}

test('what age wrote in letters is opened, too', async () => {
  const options = { input: dump, env: { PATH: path }, extendEnv: false };
  const { stdout } = await execa('age', ['--armor', '--recipient', words.agePublic], options);
  const keys = await keysOf({ REHEARSAL_AGE_IDENTITY: words.age });
  expect((await open(Buffer.from(`${stdout}\n`), keys)).plain?.equals(dump)).toBe(true);
});

test('openssl enc is opened by the program of the profile; its password stays out of what is said', async () => {
  const cipher = ['enc', '-aes-256-cbc', '-pbkdf2', '-pass', 'env:BACKUP_PASSWORD'];
  const env = { PATH: path, BACKUP_PASSWORD: 'geheim' };
  const options = { input: dump, env, extendEnv: false, encoding: 'buffer' } as const;
  const encrypted = Buffer.from((await execa('openssl', cipher, options)).stdout);
  const command = ['openssl', ...cipher, '-d'];
  const right = await open(encrypted, await keysOf(env, command));
  expect(right.plain?.equals(dump)).toBe(true);
  expect((await open(encrypted, await keysOf({}))).rule).toBe('ARCHIVE_ENCRYPTED');
  const cut = await open(encrypted.subarray(0, -5), await keysOf(env, command));
  expect(cut.rule).toBe('DECRYPTION_FAILED');
  expect(cut.says).not.toContain('geheim');
});

test.for([
  ['is not there', () => ({ REHEARSAL_AGE_IDENTITY_FILE: '/no/such' })],
  ['holds no key', () => ({ REHEARSAL_AGE_IDENTITY: 'AGE-SECRET-KEY-1GEHEIM' })],
  ['a public key', () => ({ REHEARSAL_AGE_IDENTITY: words.agePublic })],
] as const)('a key that %s says nothing against the backup, and is not shown', async ([says, key]) => {
  const opening = open(await encrypt({ age: [words.agePublic] }), await keysOf(key()));
  const failure = (await opening.catch((error: unknown) => error)) as Error;
  expect(failure).toMatchObject({ code: 'DECRYPTION_KEY_NOT_USABLE' });
  expect(failure.message).toContain(says.replace('holds no key', 'holds no key of age'));
  expect(failure.message).not.toMatch(/GEHEIM/);
});

test.for<[Encrypt, RegExp]>([
  [{ age: ['age1nonsense'] }, /age1nonsense/],
  [{ age: ['AGE-SECRET-KEY-1ABC'] }, /private key/],
  [{ age: ['-rf'] }, /no recipient/],
  [{ gpg: ['nobody@example.org'] }, /cannot encrypt to/],
])('a recipient that is none is found out before the dump (%#)', async ([to, says]) => {
  const failure = (await encrypt(to).catch((error: unknown) => error)) as Error;
  expect(failure).toMatchObject({ code: 'PROFILE_INVALID' });
  expect(failure.message).toMatch(says);
});

test('who encrypts is told where no key here opens it', async () => {
  const encryption = { by: 'age' as const, recipients: [words.agePublic] };
  expect(await canOpen(encryption, await keysOf({}), path)).toMatch(/No key of age/);
  expect(await canOpen(encryption, await keysOf({ REHEARSAL_AGE_IDENTITY: words.ageOther }), path)).toMatch(/none of/);
  expect(await canOpen(encryption, await keysOf({ REHEARSAL_AGE_IDENTITY: words.age }), path)).toBeNull();
  const ofGpg = { by: 'gpg' as const, recipients: [words.fingerprint] };
  expect(await canOpen(ofGpg, await keysOf({ REHEARSAL_GPG_KEY: words.gpg }), path)).toBeNull();
});
