import { execa } from 'execa';
import { generateKeyPairSync, verify } from 'node:crypto';
import { chmod, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeEvidence } from '../../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { fingerprintOf } from './fingerprint.ts';
import { generateKey } from './generate-key.ts';
import { openSigner, type SigningSettings } from './open-signer.ts';
import { signEvidence } from './sign-evidence.ts';

const none = { key: null, keyFile: null, variables: { PATH: process.env['PATH'] ?? '' } };

function open(changes: Partial<Omit<SigningSettings, 'environment'>> & { environment?: object } = {}) {
  const { profile, directory = '/', environment } = changes;
  return openSigner({ profile, directory, environment: { ...none, ...environment } });
}

async function makeKey(name = 'evidence.key') {
  const directory = await makeWorkspace();
  const file = join(directory, name);
  return { directory, file, publicKey: `${file}.pub`, ...(await generateKey(file)) };
}

const bytes = Buffer.from('some bytes');

test('where nothing names a key, nothing is signed', async () => {
  expect(await open()).toBeNull();
});

test.for([
  ['a file of the profile', (file: string) => ({ profile: { key: file } })],
  ['a file of the variable', (file: string) => ({ environment: { keyFile: file } })],
  [
    'a file of the variable, whatever the profile says',
    (file: string) => ({ profile: { key: '/no' }, environment: { keyFile: file } }),
  ],
] as const)('a key is read from %s', async ([, settings]) => {
  const { file, fingerprint } = await makeKey();
  const signer = await open(settings(file));
  expect(signer && fingerprintOf(signer.publicKey)).toBe(fingerprint);
  expect(signer && verify(null, bytes, signer.publicKey, await signer.sign(bytes))).toBe(true);
});

test.for([
  ['as it is', (pem: string) => pem],
  ['with its line feeds spelt out, as CI systems have them', (pem: string) => pem.replaceAll('\n', '\\n')],
  ['with the line ends of Windows', (pem: string) => pem.replaceAll('\n', '\r\n')],
] as const)('a key is read from the variable %s', async ([, change]) => {
  const { file, fingerprint } = await makeKey();
  const signer = await open({ environment: { key: change(await readFile(file, 'utf8')) } });
  expect(signer && fingerprintOf(signer.publicKey)).toBe(fingerprint);
});

test('a link leads to a key, as secrets that are mounted do', async () => {
  const { directory, file } = await makeKey();
  await symlink(file, join(directory, 'link'));
  expect(await open({ profile: { key: join(directory, 'link') } })).not.toBeNull();
});

test('a key of openssl is as good as one of ours', async () => {
  const file = join(await makeWorkspace(), 'key.pem');
  await execa('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', file]);
  await chmod(file, 0o400);
  expect(await open({ profile: { key: file } })).not.toBeNull();
});

test('two variables at once are refused', async () => {
  await expect(open({ environment: { key: 'a', keyFile: 'b' } })).rejects.toMatchObject({ code: 'BAD_USAGE' });
});

describe('a key that cannot be used is told before anything is rehearsed', () => {
  test.for([0o640, 0o604, 0o620, 0o644, 0o660, 0o601])('others have rights to its file: %o', async (mode) => {
    const { file } = await makeKey();
    await chmod(file, mode);
    await expect(open({ profile: { key: file } })).rejects.toMatchObject({
      code: 'KEY_NOT_USABLE',
      message: `Evidence cannot be signed. Other accounts may use the key ${file} (mode 0${mode.toString(8)}). Keep it to this one: chmod 600 ${file}. Nothing was rehearsed.`,
    });
  });

  const pem = (type: 'rsa' | 'ec' | 'x25519') => {
    const pair =
      type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : type === 'ec'
          ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
          : generateKeyPairSync('x25519');
    return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  };
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const encrypted = privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
    .toString();

  test.for<[string, string, RegExp]>([
    ['is empty', '', /is no private key in PEM \(PKCS #8\)\. Make one: npm run evidence -- keygen --out FILE/],
    ['holds something else', 'hush-hush', /is no private key in PEM/],
    ['holds a public key', publicKey.export({ type: 'spki', format: 'pem' }).toString(), /is no private key in PEM/],
    ['is cut', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().slice(0, 70), /is no private key in PEM/],
    ['has a passphrase', encrypted, /has a passphrase, .* openssl pkey -in FILE -out FILE\./],
    ['holds an RSA key', pem('rsa'), /is a key of another kind \(rsa\); evidence is signed with Ed25519/],
    ['holds an ECDSA key', pem('ec'), /another kind \(ec\)/],
    ['holds an X25519 key', pem('x25519'), /another kind \(x25519\)/],
    ['is no key by its size', 'x'.repeat(300_000), /is no file that holds a key/],
  ])('its file %s', async ([, content, message]) => {
    const directory = await makeWorkspace({ 'a.key': content });
    await chmod(join(directory, 'a.key'), 0o600);
    const opened = open({ profile: { key: join(directory, 'a.key') } });
    await expect(opened).rejects.toMatchObject({
      code: 'KEY_NOT_USABLE',
      message: expect.stringMatching(message) as string,
    });
    await expect(opened).rejects.not.toThrow(/hush-hush|BEGIN|\.\./);
  });

  test('its variable holds none, and is not quoted', async () => {
    const opened = open({ environment: { key: 'hush-hush' } });
    await expect(opened).rejects.toThrow('What REHEARSAL_SIGNING_KEY holds is no private key in PEM');
    await expect(opened).rejects.not.toThrow('hush-hush');
  });

  test.for([
    ['is not there', 'none.key', /none\.key cannot be read: ENOENT/],
    ['is a directory', '.', /is no file that holds a key/],
    ['is a pipe that nobody writes into', 'pipe', /is no file that holds a key/],
  ] as const)('its file %s', async ([, name, message]) => {
    const directory = await makeWorkspace();
    await execa('mkfifo', ['-m', '600', join(directory, 'pipe')]);
    await expect(open({ profile: { key: join(directory, name) } })).rejects.toThrow(message);
  });
});

const signing = `
  cat > "$BYTES"
  openssl pkeyutl -sign -inkey "$KEY" -rawin -in "$BYTES" | base64 --wrap=0
`;

async function makeCommand(script = signing) {
  const key = await makeKey();
  const variables = { ...none.variables, KEY: key.file, BYTES: join(key.directory, 'bytes') };
  const profile = { command: ['sh', '-euc', script], publicKey: key.publicKey };
  return { ...key, settings: { profile, directory: key.directory, environment: { variables } } };
}

describe('a command signs', () => {
  test('with a key that only it can read: the bytes come on standard input', async () => {
    const { settings, fingerprint } = await makeCommand();
    const signer = await open(settings);
    expect(signer && verify(null, bytes, signer.publicKey, await signer.sign(bytes))).toBe(true);
    expect(signer && (await signEvidence(makeEvidence(), signer)).signature.signedBy).toBe(fingerprint);
  });

  test('from the directory of the profile', async () => {
    const { settings } = await makeCommand(`test -f evidence.key; ${signing}`);
    expect(await open(settings)).not.toBeNull();
  });

  test('no more, where a variable gives a key', async () => {
    const { settings, file } = await makeCommand('exit 1');
    const environment = { ...settings.environment, keyFile: file };
    expect(await open({ ...settings, environment })).not.toBeNull();
  });

  test.for<[string, string, RegExp]>([
    [
      'fails',
      'echo "no such key" >&2; exit 3',
      /The command of evidence\.signing\.command ended with status 3: no such key\. Nothing was rehearsed\./,
    ],
    ['fails without a word', 'exit 1', /status 1: it said nothing/],
    ['shows a password where it fails', 'echo "postgres://a:hush-hush@b" >&2; exit 1', /status 1/],
    [
      'prints nothing',
      'cat > "$BYTES"',
      /printed no Ed25519 signature: it has to print 64 bytes in base64, and nothing else/,
    ],
    [
      'prints bytes as they are',
      'cat > "$BYTES"; openssl pkeyutl -sign -inkey "$KEY" -rawin -in "$BYTES"',
      /printed no Ed25519 signature/,
    ],
    ['prints a word before it', `echo signature:; ${signing}`, /printed no Ed25519 signature/],
    [
      'signs other bytes',
      'echo x > "$BYTES"; openssl pkeyutl -sign -inkey "$KEY" -rawin -in "$BYTES" | base64 --wrap=0',
      /signs with another key .* or other bytes/,
    ],
    [
      'signs with another key',
      'openssl genpkey -algorithm ed25519 -out other; KEY=other; cat > "$BYTES"; openssl pkeyutl -sign -inkey "$KEY" -rawin -in "$BYTES" | base64 --wrap=0',
      /signs with another key/,
    ],
  ])('but one that %s is told before anything is rehearsed', async ([, script, message]) => {
    const { settings } = await makeCommand(script);
    const opened = open(settings);
    await expect(opened).rejects.toMatchObject({
      code: 'KEY_NOT_USABLE',
      message: expect.stringMatching(message) as string,
    });
    await expect(opened).rejects.not.toThrow('hush-hush');
  });

  test.for([
    ['there is none', { command: ['no-such-program'] }, /no-such-program could not be started/],
    ['its public key is not there', { publicKey: '/no/where' }, /\/no\/where cannot be read/],
  ] as const)('and where %s, that is said, too', async ([, changes, message]) => {
    const { settings } = await makeCommand();
    const profile = { ...settings.profile, ...changes };
    await expect(open({ ...settings, profile: { ...profile, command: [...profile.command] } })).rejects.toThrow(
      message,
    );
  });

  test('its public key is no private one', async () => {
    const { settings, file } = await makeCommand();
    const profile = { ...settings.profile, publicKey: file };
    await expect(open({ ...settings, profile })).rejects.toThrow(/holds a private key; name the public one, FILE\.pub/);
  });

  test('one that fails for a moment is asked again', async () => {
    const { settings, fingerprint } = await makeCommand(`test -f once || { touch once; exit 1; }; ${signing}`);
    const signer = await open(settings);
    expect(signer && fingerprintOf(signer.publicKey)).toBe(fingerprint);
  });

  test('one that fails at the end leaves evidence that says so', async () => {
    const { settings } = await makeCommand(
      `test -f once && { echo "the KMS is away" >&2; exit 1; }; touch once; ${signing}`,
    );
    const { evidence, signature } = await signEvidence(makeEvidence(), await open(settings));
    expect(signature).toEqual({ signedBy: null, bundles: {}, timestamp: null });
    expect(evidence).toMatchObject({
      verdict: 'verified',
      findings: [{ rule: 'EVIDENCE_NOT_SIGNED', severity: 'warning' }],
    });
    expect(evidence.findings[0]?.message).toContain('the KMS is away');
  });
});
