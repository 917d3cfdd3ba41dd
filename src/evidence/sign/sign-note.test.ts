import { execa } from 'execa';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeEvidence } from '../../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { addNote } from '../ledger/add-note.ts';
import { isNote, type NoteLine } from '../ledger/line.ts';
import { readLedger } from '../ledger/read-ledger.ts';
import { recordEvidence } from '../ledger/record.ts';
import { isSignedBy } from './sign-note.ts';
import { keySigner } from './signer.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const { publicKey: another } = generateKeyPairSync('ed25519');

async function signedNote(): Promise<{ note: NoteLine; reports: string }> {
  const reports = join(await makeWorkspace(), 'reports');
  const id = randomUUID();
  await recordEvidence(reports, makeEvidence({ id }), {});
  const note = {
    about: id,
    by: 'Ada Löwe',
    action: null,
    text: 'Ünïcode "quoted"\n',
    retest: null,
    signOff: true,
    retires: false,
  };
  await addNote(reports, note, keySigner(privateKey, publicKey));
  return { note: (await readLedger(reports))?.lines.find(isNote) as NoteLine, reports };
}

test('a signed note is checked with the keys that are trusted, and with no other', async () => {
  const { note } = await signedNote();
  expect(isSignedBy(note, [another, publicKey])).toBe(true);
  expect(isSignedBy(note, [another])).toBe(false);
  expect(isSignedBy({ ...note, signature: null }, [publicKey])).toBe(false);
  // Where it stands, the chain says.
  expect(isSignedBy({ ...note, number: 7, previous: null }, [publicKey])).toBe(true);
});

test.for([
  ['id', randomUUID()],
  ['about', randomUUID()],
  ['evidence', '0'.repeat(64)],
  ['by', 'Eve'],
  ['action', 'none'],
  ['text', null],
  ['retest', randomUUID()],
  ['signOff', false],
  ['retires', true],
  ['writtenAt', '2026-02-09T09:48:03.000Z'],
] as const)('a signature does not fit a note with another %s', async ([key, value]) => {
  const { note } = await signedNote();
  expect(isSignedBy({ ...note, [key]: value }, [publicKey])).toBe(false);
});

test('openssl and jq verify it as FORMAT.md says', async () => {
  const { reports } = await signedNote();
  await writeFile(join(reports, 'key.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  const script = `set -e
    type=application/vnd.restore-rehearsal.note+json
    tail -n 1 ledger.jsonl | jq -jcS '{kind,id,about,evidence,by,action,text,retest,signOff,retires,writtenAt}' > payload
    tail -n 1 ledger.jsonl | jq -r .signature.sig | base64 -d > sig
    { printf 'DSSEv1 %d %s %d ' \${#type} "$type" $(wc -c < payload); cat payload; } > pae
    openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in pae -sigfile sig`;
  const { stdout } = await execa('bash', ['-c', script], { cwd: reports });
  expect(stdout).toBe('Signature Verified Successfully');
  expect(await readFile(join(reports, 'payload'), 'utf8')).toContain('Ada Löwe');
});
