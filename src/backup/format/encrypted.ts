import type { BackupFinding } from './backup-finding.ts';

/** A program that encrypts, how what it writes starts, and what undoes it. */
interface Encryption {
  by: string;
  /** The layer that undoes it, given a key; null where only a person can. */
  layer: 'age' | 'gpg' | 'command' | null;
  isWritten: (head: Buffer, start: string) => boolean;
  undo: string;
}

/** OpenPGP packets (RFC 9580) that stand in front of encrypted data: session keys for a public key (tag 1) or a passphrase (3). */
const openPgp =
  /^(?:[\x84\xc1][^]|\x85[^]{2}|\x86[^]{4}|\xc1[\xc0-\xdf][^])[\x03\x06]|^(?:[\x8c\xc3][^]|\x8d[^]{2})[\x04-\x06]/;

const encryptions: Encryption[] = [
  {
    by: 'OpenSSL (openssl enc)',
    layer: 'command',
    isWritten: (_, start) => /^(?:Salted__|U2FsdGVkX1)/.test(start),
    undo: 'openssl enc -d, with the cipher and the options that encrypted it (openssl enc -d -aes-256-cbc -pbkdf2)',
  },
  {
    by: 'age',
    layer: 'age',
    isWritten: (_, start) => /^(?:age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE)/.test(start),
    undo: 'age --decrypt --identity KEYFILE',
  },
  {
    by: 'GnuPG',
    layer: 'gpg',
    isWritten: (_, start) => /^-----BEGIN PGP MESSAGE/.test(start) || openPgp.test(start),
    undo: 'gpg --decrypt',
  },
  {
    by: 'OpenSSL (S/MIME)',
    layer: 'command',
    isWritten: (_, start) => /^-----BEGIN (?:CMS|PKCS7)|^MIME-Version: [^]{0,300}smime/.test(start),
    undo: 'openssl cms -decrypt -inform PEM',
  },
  {
    by: 'OpenSSL (CMS, S/MIME)',
    layer: 'command',
    // EnvelopedData (RFC 5652), in DER, or in BER as a stream is written.
    isWritten: (head) => /^30(?:80|8[1-4].{2,8})06092a864886f70d010703/.test(head.toString('hex', 0, 32)),
    undo: 'openssl cms -decrypt -inform DER',
  },
  {
    by: 'rclone (crypt)',
    layer: null,
    isWritten: (_, start) => start.startsWith('RCLONE\0\0'),
    undo: 'rclone copy, from the remote of the type crypt',
  },
  { by: 'AES Crypt', layer: 'command', isWritten: (_, start) => /^AES[\0-\x03]/.test(start), undo: 'aescrypt -d' },
  {
    by: 'Ansible Vault',
    layer: 'command',
    isWritten: (_, start) => start.startsWith('$ANSIBLE_VAULT;'),
    undo: 'ansible-vault decrypt',
  },
  {
    by: 'zip with a password',
    layer: null,
    // The first bit of the flags of its first file.
    isWritten: (head, start) => start.startsWith('PK\x03\x04') && ((head[6] ?? 0) & 1) === 1,
    undo: 'unzip, which asks for the password',
  },
];

/** How a dump is encrypted, by its first bytes; null for one that is not. Pure. */
export function findEncryption(head: Buffer): Pick<Encryption, 'by' | 'layer' | 'undo'> | null {
  const start = head.toString('latin1', 0, 600);
  return encryptions.find(({ isWritten }) => isWritten(head, start)) ?? null;
}

/** That a dump is encrypted. Pure. */
export function encryptedBy(by: string, undo = '7z x, which asks for the password'): BackupFinding {
  return {
    rule: 'ARCHIVE_ENCRYPTED',
    message: `The dump is encrypted by ${by}, and cannot be restored as it is.`,
    remedy: `Decrypt it first: ${undo}. If the key is lost, so is the backup: keep the key where it survives the server.`,
  };
}
