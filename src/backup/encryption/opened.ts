/** How an encrypted backup was opened: for the evidence, since a backup whose key is lost is no backup. Nothing here is secret. */
export interface Opened {
  /** The program: `age`, `GnuPG`. */
  by: string;
  /** Whom it is encrypted to, as far as the file says. */
  for: string;
  /** Fingerprint or recipient of the key that has opened it. */
  key: string;
}
