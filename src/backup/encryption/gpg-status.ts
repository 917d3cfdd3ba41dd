/** What gpg says of a decryption, in its own lines (doc/DETAILS of GnuPG). */
export interface GpgStatus {
  /** Ids of the keys that a file is encrypted to; zeros where it hides them. */
  recipients: string[];
  /** Whether a passphrase opens it, too. */
  hasPassphrase: boolean;
  /** Fingerprint of the key that opened it; null for a passphrase, or none. */
  key: string | null;
  /** All of it was there, and its authentication was right. */
  isWhole: boolean;
  /** A private key is there, and its passphrase was not given, or a wrong one. */
  isLocked: boolean;
  /** Something was decrypted, and did not fit its authentication. */
  isDamaged: boolean;
}

/** Reads the lines of --status-fd. Pure. */
export function readGpgStatus(text: string): GpgStatus {
  const all = (word: string) =>
    [...text.matchAll(new RegExp(`^\\[GNUPG:\\] ${word}(?: (.*))?$`, 'gm'))].map(([, rest = '']) => rest);
  const has = (word: string) => all(word).length > 0;
  const [key] = all('DECRYPTION_KEY').map((rest) => rest.split(' ')[0] ?? '');
  return {
    recipients: [...new Set(all('ENC_TO').map((rest) => rest.split(' ')[0] ?? ''))],
    hasPassphrase: has('NEED_PASSPHRASE_SYM'),
    key: key ?? null,
    // What has no authentication at all (CAST5 without MDC) is DECRYPTION_FAILED.
    isWhole: has('DECRYPTION_OKAY') && has('END_DECRYPTION') && !has('DECRYPTION_FAILED') && !has('BADMDC'),
    isLocked:
      /bad passphrase|bad session key|no pinentry|no passphrase given|operation cancelled|MISSING_PASSPHRASE|BAD_PASSPHRASE/i.test(
        text,
      ),
    isDamaged: has('BADMDC') || (has('DECRYPTION_FAILED') && has('DECRYPTION_KEY')),
  };
}
