import { createHash, type KeyObject } from 'node:crypto';

/**
 * Names a public key: the SHA-256 of its DER (SubjectPublicKeyInfo), in hex, as
 * `openssl pkey -pubin -in FILE.pub -outform DER | sha256sum` prints it. Pure.
 */
export function fingerprintOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
