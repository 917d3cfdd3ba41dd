import { execa } from 'execa';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import canonicalize from 'canonicalize';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeEvidence } from '../../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import type { Evidence } from '../schema.ts';
import { renderJson } from '../sinks/json.ts';
import { fingerprintOf } from './fingerprint.ts';
import { signEvidence } from './sign-evidence.ts';
import { signStatement } from './sign-statement.ts';
import { keySigner } from './signer.ts';
import { evidenceType, payloadType, statementFiles, statementOf } from './statement.ts';
import { verifyBundle } from './verify-bundle.ts';

const ours = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const signer = keySigner(ours.privateKey, ours.publicKey);
const backup = 'the bytes of a backup\n';
const evidence = makeEvidence({
  subject: {
    file: 'shop.dump',
    sha256: createHash('sha256').update(backup).digest('hex'),
    bytes: backup.length,
    takenAt: '2026-02-09T09:48:04.000Z',
    format: 'custom',
    dumpVersion: '16.4',
  },
  counts: { 'Ключ "a"\u2028': { before: 3, after: 3 } },
});
const bytes = Buffer.from(renderJson(evidence));
const main = 'evidence.intoto.json';
let bundles: Record<string, string> = {};

beforeAll(async () => {
  bundles = (await signEvidence(evidence, signer)).signature.bundles;
});

/** As it lies in the file. */
interface BundleJson {
  mediaType: string;
  verificationMaterial: { publicKey: { hint: string }; tlogEntries: object[]; timestampVerificationData: object };
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string; keyid: string }[] };
}

interface StatementJson {
  _type: string;
  predicateType: string;
  subject: { name: string; digest: Record<string, string> }[];
  predicate: Record<string, unknown>;
}

function readBundle(file = main): BundleJson {
  return JSON.parse(bundles[file] ?? '') as BundleJson;
}

function decode({ dsseEnvelope: { payload } }: BundleJson): StatementJson {
  return JSON.parse(Buffer.from(payload, 'base64').toString()) as StatementJson;
}

const verify = (text: string, of = bytes, keys: KeyObject[] = [other.publicKey, ours.publicKey]) =>
  verifyBundle(text, of, keys);

describe.for(Object.entries(statementFiles))('%s', ([file, predicateType]) => {
  test('is a signature of its evidence by a key that is trusted', () => {
    expect(verify(bundles[file] ?? '')).toEqual({
      ok: true,
      predicateType,
      fingerprint: fingerprintOf(ours.publicKey),
    });
  });

  test('is a Sigstore bundle v0.3, about the backup and evidence.json', () => {
    const bundle = bundleFromJSON(readBundle(file));
    expect(bundle.mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json');
    expect(decode(readBundle(file))).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType,
      subject: [
        { name: 'shop.dump', digest: { sha256: evidence.subject?.sha256 } },
        { name: 'evidence.json', digest: { sha256: createHash('sha256').update(bytes).digest('hex') } },
      ],
    });
  });

  test('is verified by openssl, over bytes that a shell puts together', async () => {
    const directory = await makeWorkspace({ 'bundle.json': bundles[file] ?? '', 'evidence.json': bytes.toString() });
    await writeFile(join(directory, 'key.pub'), ours.publicKey.export({ type: 'spki', format: 'pem' }));
    const run = (script: string) =>
      execa('bash', ['-euo', 'pipefail', '-c', script], { cwd: directory, reject: false });
    const verifying = `
      jq -r .dsseEnvelope.payload bundle.json | base64 -d > payload
      jq -r '.dsseEnvelope.signatures[0].sig' bundle.json | base64 -d > sig
      type=$(jq -r .dsseEnvelope.payloadType bundle.json)
      { printf 'DSSEv1 %d %s %d ' \${#type} "$type" "$(wc -c < payload)"; cat payload; } > pae
      openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in pae -sigfile sig`;
    const good = await run(verifying);
    expect(good.stdout).toContain('Signature Verified Successfully');
    const sum = await run(
      `jq -r '.subject[] | select(.name == "evidence.json") | .digest.sha256 + "  evidence.json"' payload | sha256sum --check`,
    );
    expect(sum.stdout).toBe('evidence.json: OK');
    const bad = await run(verifying.replace('cat payload;', 'cat payload | tr 3 4;'));
    expect(bad.exitCode).toBe(1);
  });
});

test('the whole evidence is in the signed statement, and for in-toto what passed', () => {
  expect(decode(readBundle()).predicate).toEqual(JSON.parse(bytes.toString()));
  expect(decode(readBundle('test-result.intoto.json')).predicate).toEqual({
    result: 'PASSED',
    configuration: [{ name: 'evidence.json', digest: { sha256: createHash('sha256').update(bytes).digest('hex') } }],
    passedTests: ['row-counts'],
    warnedTests: [],
    failedTests: [],
  });
});

test('evidence without a backup is signed, and is then all that the statement is about', async () => {
  const without = makeEvidence({ verdict: 'could-not-run' });
  const { signature } = await signEvidence(without, signer);
  const own = Buffer.from(renderJson(without));
  const text = signature.bundles[main] ?? '';
  expect(decode(JSON.parse(text) as BundleJson).subject.map(({ name }) => name)).toEqual(['evidence.json']);
  expect(verify(text, own)).toMatchObject({ ok: true });
});

/** Swaps one character for another. */
function flip(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}

type Change = (bundle: BundleJson) => unknown;

test.for<[string, Change, string, RegExp]>([
  [
    'its version is another',
    (b) => (b.mediaType = b.mediaType.replace('0.3', '0.4')),
    'BUNDLE_VERSION_UNKNOWN',
    /v0\.4\+json"; known is /,
  ],
  ['its version is missing', (b) => Reflect.deleteProperty(b, 'mediaType'), 'BUNDLE_VERSION_UNKNOWN', /unnamed/],
  [
    'it is of version 0.1',
    (b) => (b.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1'),
    'BUNDLE_VERSION_UNKNOWN',
    /0\.1/,
  ],
  [
    'it has no envelope',
    (b) => Reflect.deleteProperty(b, 'dsseEnvelope'),
    'BUNDLE_NOT_READABLE',
    /invalid bundle|no statement/,
  ],
  ['it has no signature', (b) => (b.dsseEnvelope.signatures = []), 'BUNDLE_NOT_READABLE', /invalid bundle/],
  [
    'it has two signatures',
    (b) => b.dsseEnvelope.signatures.push(...b.dsseEnvelope.signatures),
    'BUNDLE_NOT_READABLE',
    /invalid bundle/,
  ],
  ['it has no payload', (b) => (b.dsseEnvelope.payload = ''), 'BUNDLE_NOT_READABLE', /invalid bundle/],
  [
    'its payload is of another type',
    (b) => (b.dsseEnvelope.payloadType = 'text/plain'),
    'BUNDLE_NOT_READABLE',
    /no statement of in-toto/,
  ],
  [
    'it has a field that no parser of ours knows',
    (b) => Object.assign(b, { also: 1 }),
    'BUNDLE_NOT_COVERED',
    /was not written with its signature/,
  ],
  [
    'its signature names another key',
    (b) => Object.assign(b.dsseEnvelope.signatures[0] ?? {}, { keyid: 'x' }),
    'BUNDLE_NOT_COVERED',
    /was not written/,
  ],
  [
    'its payload has blanks in it',
    (b) => (b.dsseEnvelope.payload = ` ${b.dsseEnvelope.payload}`),
    'BUNDLE_NOT_COVERED',
    /was not written/,
  ],
  [
    'it names a key that nobody knows',
    (b) => (b.verificationMaterial.publicKey.hint = 'f'.repeat(64)),
    'KEY_NOT_TRUSTED',
    /with the key "f{64}"; trusted: [0-9a-f]{64}, /,
  ],
  [
    'it names another trusted key',
    (b) => (b.verificationMaterial.publicKey.hint = fingerprintOf(other.publicKey)),
    'SIGNATURE_WRONG',
    /does not fit/,
  ],
  [
    'a character of its payload is another',
    (b) => (b.dsseEnvelope.payload = flip(b.dsseEnvelope.payload, 200)),
    'SIGNATURE_WRONG',
    /does not fit/,
  ],
  [
    'a character of its signature is another',
    (b) => Object.assign(b.dsseEnvelope.signatures[0] ?? {}, { sig: flip(b.dsseEnvelope.signatures[0]?.sig ?? '', 9) }),
    'SIGNATURE_WRONG',
    /does not fit/,
  ],
  [
    'its signature is cut',
    (b) => Object.assign(b.dsseEnvelope.signatures[0] ?? {}, { sig: 'AAAA' }),
    'SIGNATURE_WRONG',
    /does not fit/,
  ],
])('where %s, that is what is wrong', ([, change, problem, message]) => {
  const bundle = readBundle();
  change(bundle);
  const verdict = verify(JSON.stringify(bundle));
  expect(verdict).toEqual({ ok: false, problem, message: expect.stringMatching(message) as string });
});

test.for<[string, string]>([
  ['empty', ''],
  ['cut', '{"mediaType":'],
])('a bundle that is %s cannot be read', ([, text]) => {
  expect(verify(text)).toMatchObject({
    ok: false,
    problem: 'BUNDLE_NOT_READABLE',
    message: expect.stringMatching(/^The bundle is no JSON/) as string,
  });
});

test.for(['null', '[]', '7', '"text"'])('the bundle %s is of no known version', (text) => {
  expect(verify(text)).toMatchObject({ ok: false, problem: 'BUNDLE_VERSION_UNKNOWN' });
});

test('a key that is not trusted is named, and so is that none is', () => {
  const fingerprint = fingerprintOf(ours.publicKey);
  const told = (keys: KeyObject[]) => verify(bundles[main] ?? '', bytes, keys);
  expect(told([])).toEqual({
    ok: false,
    problem: 'KEY_NOT_TRUSTED',
    message: `It was signed with the key "${fingerprint}"; no key is trusted.`,
  });
  expect(told([other.publicKey])).toMatchObject({ problem: 'KEY_NOT_TRUSTED' });
});

test.for<[string, (text: string) => string]>([
  ['a count is another', (text) => text.replace('"after": 3', '"after": 4')],
  ['the verdict is another', (text) => text.replace('"verdict": "verified"', '"verdict": "not-verified"')],
  ['a blank is gone', (text) => text.replace('  ', ' ')],
  ['the line feed at its end is gone', (text) => text.trimEnd()],
  ['a key is there twice', (text) => text.replace('{', '{ "verdict": "verified",')],
  ['it is empty', () => ''],
])('where %s in evidence.json, it is not what was signed', ([, change]) => {
  const changed = Buffer.from(change(bytes.toString()));
  const sha256 = createHash('sha256').update(changed).digest('hex');
  for (const text of Object.values(bundles)) {
    expect(verify(text, changed)).toEqual({
      ok: false,
      problem: 'EVIDENCE_DIFFERENT',
      message: expect.stringContaining(
        `evidence.json is not what was signed: its SHA-256 is ${sha256}, signed was "`,
      ) as string,
    });
  }
});

test('the bundle of another run is none of this evidence', async () => {
  const { signature } = await signEvidence(makeEvidence({ id: 'b7b1f1c0-3f0e-4a53-9d55-2d7a3b6c1e42' }), signer);
  expect(verify(signature.bundles[main] ?? '')).toMatchObject({ problem: 'EVIDENCE_DIFFERENT' });
});

type Forgery = (statement: StatementJson) => unknown;

test.for<[string, Forgery, string, RegExp]>([
  [
    'is of another type',
    (s) => (s._type = 'https://in-toto.io/Statement/v0.1'),
    'STATEMENT_UNKNOWN',
    /v0\.1"; known is /,
  ],
  [
    'is of a later version',
    (s) => (s.predicateType = s.predicateType.replace('v1', 'v2')),
    'STATEMENT_UNKNOWN',
    /evidence\/v2"/,
  ],
  ['states nothing known', (s) => Reflect.deleteProperty(s, 'predicateType'), 'STATEMENT_UNKNOWN', /unnamed/],
  [
    'is about another backup',
    (s) => Object.assign(s.subject[0]?.digest ?? {}, { sha256: 'e'.repeat(64) }),
    'SUBJECT_DIFFERENT',
    /shop\.dump \(e{64}\), .*the evidence about .*shop\.dump \([0-9a-f]{64}\)/,
  ],
  [
    'names the backup otherwise',
    (s) => Object.assign(s.subject[0] ?? {}, { name: 'other.dump' }),
    'SUBJECT_DIFFERENT',
    /other\.dump/,
  ],
  [
    'is about one more',
    (s) => s.subject.push({ name: 'more', digest: {} }),
    'SUBJECT_DIFFERENT',
    /more \(no SHA-256\)/,
  ],
  ['is not about the backup', (s) => s.subject.shift(), 'SUBJECT_DIFFERENT', /about "evidence\.json/],
  ['is about nothing', (s) => (s.subject = []), 'EVIDENCE_DIFFERENT', /signed was unnamed/],
  [
    'says otherwise than evidence.json',
    (s) => Object.assign(s.predicate, { verdict: 'not-verified' }),
    'EVIDENCE_DIFFERENT',
    /does not say what evidence\.json says/,
  ],
  ['has a field more', (s) => Object.assign(s, { also: 1 }), 'EVIDENCE_DIFFERENT', /does not say/],
])('a statement that %s is found though it is signed by the right key', async ([, forge, problem, message]) => {
  const statement = decode(readBundle());
  forge(statement);
  const text = await signStatement({ type: payloadType, text: canonicalize(statement) ?? '' }, signer);
  expect(verify(text)).toEqual({ ok: false, problem, message: expect.stringMatching(message) as string });
});

test('no statement is expected of what is no evidence, whoever has signed it', async () => {
  const nonsense = Buffer.from(JSON.stringify({ subject: null } satisfies Partial<Evidence>));
  const text = statementOf(evidenceType, nonsense);
  const bundle = await signStatement({ type: payloadType, text }, signer);
  expect(verify(bundle, nonsense)).toMatchObject({ problem: 'STATEMENT_UNKNOWN' });
});

test('every single bit of a signed statement counts', () => {
  const bundle = readBundle();
  const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64');
  for (let at = 0; at < payload.length; at += 37) {
    const changed = Buffer.from(payload);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    const envelope = { ...bundle.dsseEnvelope, payload: changed.toString('base64') };
    expect(verify(JSON.stringify({ ...bundle, dsseEnvelope: envelope }))).toMatchObject({ problem: 'SIGNATURE_WRONG' });
  }
});

test('half of a character in the evidence is signed as the sign for none', async () => {
  const cut = makeEvidence({ rehearsal: '\ud83d' });
  const { signature } = await signEvidence(cut, signer);
  expect(signature.signedBy).not.toBeNull();
  expect(verify(signature.bundles[main] ?? '', Buffer.from(renderJson(cut)))).toMatchObject({ ok: true });
});
