import { sign, type KeyObject } from 'node:crypto';

/** Who signs evidence. */
export interface Signer {
  publicKey: KeyObject;
  /**
   * @returns the Ed25519 signature of these bytes
   * @throws OperationalError KEY_NOT_USABLE
   */
  sign: (bytes: Buffer) => Promise<Buffer>;
}

/** Signs with a key that is at hand. */
export function keySigner(privateKey: KeyObject, publicKey: KeyObject): Signer {
  return { publicKey, sign: (bytes) => Promise.resolve(sign(null, bytes, privateKey)) };
}
