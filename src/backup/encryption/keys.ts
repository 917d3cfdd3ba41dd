import { readFile } from 'node:fs/promises';
import type { Profile } from '../../config/profile.ts';
import type { Environment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';

/** A key or a passphrase, or where it is. Neither is read before something is encrypted with it. */
export interface Secret {
  text: string | null;
  file: string | null;
  /** What gave it, for messages. */
  from: string;
}

/** What opens encrypted backups. */
export interface Keys {
  age: { identity: Secret | null; passphrase: Secret | null };
  gpg: { key: Secret | null; passphrase: Secret | null; variables: Record<string, string> };
  command: { words: readonly string[]; variables: Record<string, string> } | null;
  /** A private one, for what a program takes from a file only. */
  directory: string;
}

/** What variables and profile give. The variable wins. */
export function findKeys(
  { decrypt }: { decrypt?: NonNullable<Profile['backups']>['decrypt'] } = {},
  { decryption: of, commands }: Pick<Environment, 'decryption' | 'commands'>,
  directory: string,
): Keys {
  const { age, gpg, command } = decrypt ?? {};
  const secret = (
    variable: string,
    text: string | null,
    file: string | null,
    inProfile: [string, string | undefined],
  ) => {
    if (text !== null) return { text, file: null, from: variable };
    if (file !== null) return { text: null, file, from: `${variable}_FILE` };
    const [key, named] = inProfile;
    return named === undefined ? null : { text: null, file: named, from: key };
  };
  const key = (name: string) => `backups.decrypt.${name}`;
  return {
    age: {
      identity: secret('REHEARSAL_AGE_IDENTITY', of.ageIdentity, of.ageIdentityFile, [
        key('age.identityFile'),
        age?.identityFile,
      ]),
      passphrase: secret('REHEARSAL_AGE_PASSPHRASE', of.agePassphrase, of.agePassphraseFile, [
        key('age.passphraseFile'),
        age?.passphraseFile,
      ]),
    },
    gpg: {
      key: secret('REHEARSAL_GPG_KEY', of.gpgKey, of.gpgKeyFile, [key('gpg.keyFile'), gpg?.keyFile]),
      passphrase: secret('REHEARSAL_GPG_PASSPHRASE', of.gpgPassphrase, of.gpgPassphraseFile, [
        key('gpg.passphraseFile'),
        gpg?.passphraseFile,
      ]),
      variables: of.gnupg,
    },
    command: command === undefined ? null : { words: command, variables: commands },
    directory,
  };
}

/** For what is never encrypted, and where no key was given. */
export function noKeys(directory: string): Keys {
  return {
    age: { identity: null, passphrase: null },
    gpg: { key: null, passphrase: null, variables: {} },
    command: null,
    directory,
  };
}

/**
 * Reads a key or a passphrase.
 * @throws OperationalError DECRYPTION_KEY_NOT_USABLE
 */
export async function readSecret({ text, file, from }: Secret): Promise<Buffer> {
  const bytes = file === null ? Buffer.from(text ?? '') : await readKeyFile(file, from);
  if (bytes.toString('latin1').trim() !== '') return bytes;
  throw keyNotUsable(`${from} ${file === null ? 'is empty' : `names ${file}, which is empty`}.`);
}

/** Without the line feed that editors put behind it. */
export async function readPassphrase(secret: Secret): Promise<string> {
  return (await readSecret(secret)).toString().replace(/\r?\n$/, '');
}

async function readKeyFile(file: string, from: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read by this account (${code ?? 'unknown reason'})`;
    throw keyNotUsable(`${from} names ${file}, which ${why}. Nothing can be restored without the key.`);
  });
}

/** The key that was given is none, which says nothing against the backup. */
export function keyNotUsable(message: string, options?: ErrorOptions): OperationalError {
  return new OperationalError('DECRYPTION_KEY_NOT_USABLE', message, options);
}
