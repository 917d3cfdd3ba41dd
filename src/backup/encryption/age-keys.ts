import { createHash } from 'node:crypto';
import type { Decrypter } from 'age-encryption';
import { keyNotUsable, readPassphrase, readSecret, type Keys } from './keys.ts';

/** Keys of age, ready to be tried. */
export interface AgeOpener {
  decrypter: Decrypter;
  /** Recipients of the keys, as they stand in a list of them: nothing secret. */
  recipients: string[];
  hasPassphrase: boolean;
  /** The key for the program, where the library does not know its kind; null otherwise. */
  program: Buffer | null;
}

/** @throws OperationalError DECRYPTION_KEY_NOT_USABLE */
export async function openAge({ identity, passphrase }: Keys['age']): Promise<AgeOpener> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  const secret = passphrase === null ? null : await readPassphrase(passphrase);
  if (secret !== null) decrypter.addPassphrase(secret);
  const opener = { decrypter, recipients: [], hasPassphrase: secret !== null, program: null };
  if (identity === null) return opener;
  const bytes = await openIdentities(await readSecret(identity), secret, identity.from);
  const text = bytes.toString('utf8');
  if (/^-----BEGIN [A-Z ]*PRIVATE KEY-----|^AGE-PLUGIN-/m.test(text)) {
    return { ...opener, recipients: [describeForeignKey(text)], program: bytes };
  }
  return { ...opener, recipients: await addIdentities(decrypter, text, identity.from) };
}

/** A file with keys may itself be encrypted with the passphrase. */
async function openIdentities(bytes: Buffer, passphrase: string | null, from: string): Promise<Buffer> {
  if (!bytes.toString('latin1', 0, 60).startsWith('age-encryption.org/')) return bytes;
  if (passphrase === null)
    throw keyNotUsable(`The key of ${from} needs its passphrase: REHEARSAL_AGE_PASSPHRASE_FILE.`);
  const { Decrypter } = await import('age-encryption');
  const opening = new Decrypter();
  opening.addPassphrase(passphrase);
  return opening.decrypt(bytes).then(
    (plain) => Buffer.from(plain),
    (error: unknown) => {
      throw keyNotUsable(`The key of ${from} is not opened by its passphrase.`, { cause: error });
    },
  );
}

async function addIdentities(decrypter: Decrypter, text: string, from: string): Promise<string[]> {
  const { identityToRecipient } = await import('age-encryption');
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'));
  try {
    for (const each of identities) decrypter.addIdentity(each);
    if (identities.length > 0) return await Promise.all(identities.map((each) => identityToRecipient(each)));
  } catch {
    // The message could quote the key.
  }
  const isPublic = identities.some((line) => /^(?:age1|ssh-)/.test(line));
  const what = isPublic ? 'holds a public key (a recipient), and opening takes the private one' : 'holds no key of age';
  throw keyNotUsable(`${from} ${what}: age-keygen writes one, a line that starts with AGE-SECRET-KEY-1.`);
}

/** A private key of OpenSSH has its public half in front. */
function describeForeignKey(text: string): string {
  const [, plugin] = /^AGE-PLUGIN-([A-Z0-9-]+?)-1/m.exec(text) ?? [];
  if (plugin !== undefined) return `a key of age-plugin-${plugin.toLowerCase()}`;
  const [, letters = ''] = /BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text) ?? [];
  const fingerprint = fingerprintOf(Buffer.from(letters, 'base64'));
  return fingerprint === null ? 'a key of SSH' : `the SSH key SHA256:${fingerprint}`;
}

/** As ssh-keygen -l shows it. See PROTOCOL.key of OpenSSH: cipher, kdf and its options, the number of keys, the first of them. */
function fingerprintOf(key: Buffer): string | null {
  try {
    let at = 'openssh-key-v1\0'.length;
    const readString = () => {
      const length = key.readUInt32BE(at);
      at += 4 + length;
      return key.subarray(at - length, at);
    };
    for (let skipped = 0; skipped < 3; skipped += 1) readString();
    at += 4;
    return createHash('sha256').update(readString()).digest('base64').replace(/=+$/, '');
  } catch {
    return null;
  }
}
