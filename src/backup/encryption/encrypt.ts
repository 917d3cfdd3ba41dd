import type { Profile } from '../../config/profile.ts';
import { OperationalError } from '../../system/operational-error.ts';
import type { Encrypting, EncryptingOptions } from './encrypting.ts';
import { encryptWithAge } from './encrypt-age.ts';
import { encryptWithGpg } from './encrypt-gpg.ts';

export type Encrypt = NonNullable<NonNullable<Profile['backups']>['encrypt']>;

/**
 * Makes ready to encrypt, before a dump is taken: a recipient that cannot be used is found out now.
 * @throws OperationalError PROFILE_INVALID, TOOL_NOT_STARTED
 */
export async function prepareEncryption(encrypt: Encrypt, options: EncryptingOptions): Promise<Encrypting> {
  const { age, gpg = [] } = encrypt;
  return age === undefined ? encryptWithGpg(gpg, options) : encryptWithAge(age, options);
}

/**
 * Reads recipients from a flag: all of age, or all of gpg.
 * @throws OperationalError BAD_USAGE
 */
export function readRecipients(recipients: string[]): Encrypt {
  const ofAge = recipients.filter((each) => /^(?:age1|ssh-|AGE-)/.test(each));
  if (recipients.length === 0) throw new OperationalError('BAD_USAGE', '--encrypt-to names no recipient.');
  if (ofAge.length === recipients.length) return { age: recipients };
  if (ofAge.length === 0) return { gpg: recipients };
  const message = '--encrypt-to names recipients of age and of gpg: a backup is encrypted by one of the two.';
  throw new OperationalError('BAD_USAGE', message);
}
