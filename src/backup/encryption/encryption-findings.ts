import type { BackupFinding } from '../format/backup-finding.ts';

const copyAgain = 'Copy the backup again from off-host storage, and compare sizes and checksums.';
const lost = 'If no key opens it, this backup is lost.';

/** That a backup is encrypted, and no key was given that could be tried. Pure. */
export function encryptedWithoutKey(by: string, give: string): BackupFinding {
  return {
    rule: 'ARCHIVE_ENCRYPTED',
    message: `The dump is encrypted by ${by}, and no key was given here: it was not opened.`,
    remedy: `Give the key, as a restore would need it: ${give}. Keep it where it survives the server.`,
  };
}

/** That a backup is for others than those whose keys were given. Pure. */
export function keyWrong(by: string, isFor: string, tried: string): BackupFinding {
  return {
    rule: 'DECRYPTION_KEY_WRONG',
    message: `The dump is encrypted by ${by} for ${isFor}, and ${tried} does not open it.`,
    remedy: `Find the key that it was encrypted to, or encrypt the next backups to a key that you have. ${lost}`,
  };
}

/** That an encrypted backup ends too early. Pure. */
export function encryptedTruncated(by: string, where = ''): BackupFinding {
  return {
    rule: 'ARCHIVE_TRUNCATED',
    message: `The dump is encrypted by ${by}, and ends too early${where}. Nothing of it was taken.`,
    remedy: copyAgain,
  };
}

/** That bytes of an encrypted backup have changed: it says so itself (authentication). Pure. */
export function encryptedCorrupt(by: string): BackupFinding {
  return {
    rule: 'ARCHIVE_CORRUPT',
    message: `The dump is encrypted by ${by}, and its bytes have changed: they are not those that were encrypted. Nothing of it was taken.`,
    remedy: copyAgain,
  };
}

/** That an encrypted backup is not what was encrypted, where the program does not tell in which way. Pure. */
export function encryptedNotWhole(by: string): BackupFinding {
  return {
    rule: 'ARCHIVE_CORRUPT',
    message: `The dump is encrypted by ${by}, and was cut off, or bytes of it have changed: it is not what was encrypted. Nothing of it was taken.`,
    remedy: copyAgain,
  };
}

/** That a program of the user's could not open a backup. Pure. */
export function notDecrypted(by: string, said: string): BackupFinding {
  return {
    rule: 'DECRYPTION_FAILED',
    message: `The dump is encrypted by ${by}, and the program of backups.decrypt.command could not open it: ${said}.`,
    remedy: `The key may be another one, or the bytes have changed. Try it by hand, with the same program and the same key. ${lost}`,
  };
}
