import type { KeyObject } from 'node:crypto';

/** What a verifier of evidence trusts, and what it asks for. */
export interface Trust {
  /** Public keys whose signatures count. Without any, signatures are counted and not checked. */
  keys: readonly KeyObject[];
  /** Certificates (DER) of authorities for time stamps. Without any, stamps are counted and not checked. */
  authorities: readonly Buffer[];
  /** Every run has to be signed, from the first one on. Else only those after the first that is. */
  requireSignatures: boolean;
  /** Every run that is signed has to be time-stamped. */
  requireTimestamps: boolean;
  /** Numbers of lines whose runs are known to be unsigned. */
  acceptUnsigned: ReadonlySet<number>;
}

/** Trusts nobody: what can be recomputed without a key. */
export const trustNobody: Trust = {
  keys: [],
  authorities: [],
  requireSignatures: false,
  requireTimestamps: false,
  acceptUnsigned: new Set(),
};
