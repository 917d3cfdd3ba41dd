import { createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { runRehearse } from '../fixtures/testing/run-rehearse.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { generateKey } from '../src/evidence/sign/generate-key.ts';
import { statementFiles } from '../src/evidence/sign/statement.ts';
import { verifyBundle } from '../src/evidence/sign/verify-bundle.ts';

/** A drill that ends with its first step, before there is a server: there is no backup. */
async function rehearse(evidence: object, env: Record<string, string> = {}, files: Record<string, string> = {}) {
  const profile = await makeProfile({ backups: { directory: '.' }, evidence }, files);
  return runRehearse({ engine: 'local', args: ['latest-backup', '--config', profile], env });
}

async function makeKey() {
  return generateKey(join(await makeWorkspace(), 'evidence.key'));
}

async function readRun(reports: string) {
  const [name = ''] = (await readdir(reports)).filter((entry) => /^\d{8}T/.test(entry));
  const directory = join(reports, name);
  const files = await readdir(directory);
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  return Object.fromEntries(files.map((file, index) => [file, texts[index] ?? '']));
}

type Key = Awaited<ReturnType<typeof makeKey>>;

test.for<[string, (key: Key, pem: string) => { evidence?: object; env?: Record<string, string> }]>([
  ['a file of the profile', ({ privateFile }) => ({ evidence: { signing: { key: privateFile } } })],
  ['a file that a variable names', ({ privateFile }) => ({ env: { REHEARSAL_SIGNING_KEY_FILE: privateFile } })],
  ['a variable', (_, pem) => ({ env: { REHEARSAL_SIGNING_KEY: pem } })],
])(
  'what a drill finds out, bad news too, is signed with the key of %s, which nobody gets to see',
  async ([, settings]) => {
    const key = await makeKey();
    const pem = await readFile(key.privateFile, 'utf8');
    const { evidence, env } = settings(key, pem);
    const { exitCode, output, reports } = await rehearse(evidence ?? {}, env);
    expect(exitCode, output).toBe(1);
    const files = await readRun(reports);
    const publicKey = createPublicKey(await readFile(key.publicFile, 'utf8'));
    for (const [file, predicateType] of Object.entries(statementFiles)) {
      const bytes = Buffer.from(files['evidence.json'] ?? '');
      const verdict = verifyBundle(files[file] ?? '', bytes, [publicKey]);
      expect(verdict).toEqual({ ok: true, predicateType, fingerprint: key.fingerprint });
    }
    expect(output).toContain(`\n  signature ${key.fingerprint.slice(0, 16)}\n`);
    expect(files['evidence.md']).toContain(`| signed by the key with the fingerprint ${key.fingerprint} |`);
    const secret = pem.split('\n')[1] ?? '';
    for (const text of [output, ...Object.values(files)]) expect(text).not.toContain(secret);
  },
);

test('what is not signed says so', async () => {
  const { output, reports } = await rehearse({});
  const files = await readRun(reports);
  expect(Object.keys(files).filter((file) => file.endsWith('.intoto.json'))).toEqual([]);
  expect(files['evidence.md']).toContain('| Signature | not signed |');
  expect(output).toContain('\n  signature none\n');
});

test('a key that others can read is refused before the first step', async () => {
  const { privateFile } = await makeKey();
  await chmod(privateFile, 0o644);
  const { exitCode, output, evidence } = await rehearse({ signing: { key: privateFile } });
  expect(exitCode).toBe(2);
  expect(output).toContain(`(mode 0644). Keep it to this one: chmod 600 ${privateFile}. Nothing was rehearsed.`);
  expect(evidence).toBeNull();
});

test('what runs rehearsals does not get the key', async () => {
  const { privateFile } = await makeKey();
  const seen = join(dirname(privateFile), 'seen');
  const profile = `
    import { appendFileSync } from 'node:fs';
    appendFileSync(${JSON.stringify(seen)}, process.env.REHEARSAL_SIGNING_KEY === undefined ? 'none ' : 'key ');
    export default { name: 'a', database: { name: 'a', owner: 'a' }, backups: { directory: '.' } };`;
  const env = { REHEARSAL_SIGNING_KEY: await readFile(privateFile, 'utf8') };
  await rehearse({}, env, { 'profile.mjs': profile });
  expect(existsSync(seen)).toBe(true);
  // The command reads the profile, and then who runs the drill.
  expect(await readFile(seen, 'utf8')).toMatch(/^key (?:none )+$/);
});
