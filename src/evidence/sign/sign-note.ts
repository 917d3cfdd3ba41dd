import { verify, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { NoteLine } from '../ledger/line.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Signer } from './signer.ts';

/** What a note says, apart from its place in the ledger. */
export type NoteContent = Omit<NoteLine, 'ledgerVersion' | 'number' | 'previous' | 'cutBytes' | 'signature'>;

const noteType = 'application/vnd.restore-rehearsal.note+json';

/**
 * Signs a note, as DSSE has it: Ed25519 over its type and its canonical JSON, each with its length in front.
 * @throws OperationalError KEY_NOT_USABLE
 */
export async function signNote(note: NoteContent, signer: Signer): Promise<NoteLine['signature']> {
  const sig = await signer.sign(signedBytes(note));
  return { key: fingerprintOf(signer.publicKey), sig: sig.toString('base64') };
}

/** Whether a note was signed by one of these keys. Pure. */
export function isSignedBy(note: NoteLine, publicKeys: readonly KeyObject[]): boolean {
  const { signature } = note;
  if (signature === null) return false;
  const publicKey = publicKeys.find((key) => fingerprintOf(key) === signature.key);
  return publicKey !== undefined && verify(null, signedBytes(note), publicKey, Buffer.from(signature.sig, 'base64'));
}

/** Where it stands in the ledger, the chain says. */
function signedBytes(note: NoteContent): Buffer {
  const { kind, id, about, evidence, by, action, text, retest, signOff, retires, writtenAt } = note;
  const payload =
    canonicalize({ kind, id, about, evidence, by, action, text, retest, signOff, retires, writtenAt }) ?? '';
  return Buffer.from(`DSSEv1 ${noteType.length} ${noteType} ${Buffer.byteLength(payload)} ${payload}`);
}
