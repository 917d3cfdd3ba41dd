import { createHash, type KeyObject } from 'node:crypto';

/**
 * Names a public key: the SHA-256 of its DER (SubjectPublicKeyInfo), in hex, as
 * `openssl pkey -pubin -in FILE.pub -outform DER | sha256sum` prints it. Pure.
 */
export function fingerprintOf(publicKey: KeyObject): string {
  const known = fingerprints.get(publicKey);
  if (known !== undefined) return known;
  const fingerprint = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
  fingerprints.set(publicKey, fingerprint);
  return fingerprint;
}

/** A verifier asks once for each of ten thousand runs. */
const fingerprints = new WeakMap<KeyObject, string>();
