import { runProgram } from '../../system/run-program.ts';
import type { Manifest } from '../manifest.ts';
import { openAge } from './age-keys.ts';
import { openGpgHome } from './gpg-home.ts';
import type { Keys } from './keys.ts';

const why = 'The nightly drill opens the backup, as a restore would: without the key it is red.';

/** Whether a key is given here that opens what was encrypted. @returns null where it is; what to do in words otherwise. Never rejects. */
export async function canOpen(
  { by, recipients }: NonNullable<Manifest['encryption']>,
  keys: Keys,
  path: string,
): Promise<string | null> {
  try {
    return await (by === 'age' ? canOpenAge(recipients, keys) : canOpenGpg(recipients, keys, path));
  } catch (error) {
    return `The backup was encrypted, and the key to open it cannot be used here: ${(error as Error).message}`;
  }
}

async function canOpenAge(recipients: string[], { age }: Keys): Promise<string | null> {
  const give = 'REHEARSAL_AGE_IDENTITY_FILE, or backups.decrypt.age.identityFile';
  if (age.identity === null) return `No key of age is given here. ${why} Give one of the recipients’: ${give}.`;
  const { recipients: own, program } = await openAge(age);
  // Of a key of SSH, its fingerprint is known alone.
  if (program !== null || own.some((each) => recipients.includes(each))) return null;
  return `The key of ${age.identity.from} is none of the recipients’ (it is that of ${own.join(', ')}). ${why}`;
}

async function canOpenGpg(recipients: string[], keys: Keys, path: string): Promise<string | null> {
  await using home = await openGpgHome(keys, path);
  const args = ['--batch', '--no-tty', '--with-colons', '--list-secret-keys'];
  const listed = home && (await runProgram({ file: 'gpg', args, env: home.env, timeoutMs: 60_000 }));
  if (recipients.some((each) => listed?.stdout.includes(each) === true)) return null;
  return `No private key of the recipients is here. ${why} Give one: REHEARSAL_GPG_KEY_FILE, or backups.decrypt.gpg.keyFile.`;
}
