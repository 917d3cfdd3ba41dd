import { execa } from 'execa';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../../system/environment.ts';
import { unwrap } from '../layers/unwrap.ts';
import { sealDump } from '../seal-dump.ts';
import { findKeys } from './keys.ts';

const { path } = readEnvironment();
const dump = Buffer.concat([Buffer.from('PGDMP'), randomBytes(20_000)]);
const passphrase = 'geheime Losung';
let home = '';
let key = '';
let encrypted = Buffer.alloc(0);

/** A key of GnuPG with a passphrase, and a backup that is encrypted to it. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'rehearsal-locked-'));
  const env = { PATH: path, GNUPGHOME: home };
  const gpg = (...args: string[]) =>
    execa('gpg', ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', passphrase, ...args], {
      ...{ env, extendEnv: false, encoding: 'buffer', input: dump },
    });
  await gpg('--quick-gen-key', 'drill@example.org', 'future-default', 'default', 'never');
  key = Buffer.from((await gpg('--export-secret-keys', '--armor')).stdout).toString();
  encrypted = Buffer.from(
    (await gpg('--trust-model', 'always', '--recipient', 'drill@example.org', '--encrypt')).stdout,
  );
  const forget = () => execa('gpgconf', ['--kill', 'gpg-agent'], { env, extendEnv: false, reject: false });
  // The agent remembers passphrases.
  await forget();
  return async () => {
    await forget();
    await rm(home, { recursive: true, force: true });
  };
}, 60_000);

async function open(variables: Record<string, string>, searchPath = path) {
  const directory = await makeWorkspace();
  const file = join(directory, 'shop.dump');
  await writeFile(file, encrypted);
  const keys = findKeys({}, readEnvironment({ PATH: path, ...variables }), directory);
  const opening = unwrap(await sealDump(file, directory), directory, { timeoutMs: 60_000, path: searchPath, keys });
  return opening.then(
    async ({ wrong, inside }) => ({
      said: wrong === null ? 'opened' : `${wrong.rule}: ${wrong.message}`,
      plain: wrong === null ? await readFile(inside.file) : null,
    }),
    (error: unknown) => ({ said: `${(error as { code: string }).code}: ${(error as Error).message}`, plain: null }),
  );
}

test.for([
  ['in the keyring of the account, whose agent is locked', () => ({ GNUPGHOME: home })],
  ['given alone', () => ({ REHEARSAL_GPG_KEY: key })],
  ['with another passphrase', () => ({ REHEARSAL_GPG_KEY: key, REHEARSAL_GPG_PASSPHRASE: 'nicht geheim' })],
] as const)('a key with a passphrase %s says nothing against the backup, and what to give', async ([, variables]) => {
  const { said } = await open(variables());
  expect(said).toMatch(/^DECRYPTION_KEY_NOT_USABLE: The key of gpg is locked.*REHEARSAL_GPG_PASSPHRASE_FILE.*agent/s);
  expect(said).not.toMatch(/geheim/);
});

test('a key is used with its passphrase, and neither of them is an argument of any program', async () => {
  const directory = await makeWorkspace();
  const [programs, log] = [join(directory, 'bin'), join(directory, 'arguments')];
  await mkdir(programs);
  for (const name of ['gpg', 'gpgconf']) {
    const real = (await execa('sh', ['-c', `command -v ${name}`], { env: { PATH: path } })).stdout;
    const script = `#!/bin/sh\nprintf '%s\\n' "${name} $*" >> '${log}'\nexec ${real} "$@"\n`;
    await writeFile(join(programs, name), script);
    await chmod(join(programs, name), 0o755);
  }
  const variables = { REHEARSAL_GPG_KEY: key, REHEARSAL_GPG_PASSPHRASE: passphrase };
  const { plain } = await open(variables, `${programs}:${path}`);
  expect(plain?.equals(dump)).toBe(true);
  const said = await readFile(log, 'utf8');
  expect(said).toMatch(/^gpg .*--import$/m);
  expect(said).toMatch(/^gpg .*--decrypt/m);
  expect(said).not.toContain('geheim');
  expect(said).not.toContain('PRIVATE KEY');
});

test('a key that is a directory, or no file at all, is named', async () => {
  const directory = await makeWorkspace();
  const { said } = await open({ REHEARSAL_GPG_KEY_FILE: directory });
  expect(said).toMatch(/^DECRYPTION_KEY_NOT_USABLE: REHEARSAL_GPG_KEY_FILE names .*cannot be read/);
});
