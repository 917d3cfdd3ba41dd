import * as z from 'zod';
import { durationMs } from './profile-values.ts';

const text = z.string().min(1);
const words = z.array(text).min(1);

/** `sources` of a profile. */
export const sources = z
  .strictObject({
    backup: text
      .optional()
      .describe(
        'Where `latest-backup` finds its backup, as `--backup` takes it: a file, a glob, an address, `s3://bucket/path`, `remote:path`.',
      ),
    fetch: words
      .optional()
      .describe(
        'A program and its arguments that fetches the backup. It is given a directory as the last argument, and writes the backup there.',
      ),
    within: durationMs.prefault('12h').describe('How long fetching may take, in whichever way.'),
  })
  .refine(({ backup, fetch }) => backup === undefined || fetch === undefined, 'takes one of backup and fetch')
  .prefault({})
  .describe('Where backups come from that are not in `backups.directory`. See [backups.md](backups.md).');

/** `backups.encrypt` of a profile. */
export const encrypt = z
  .strictObject({
    age: words.optional().describe('Recipients of age (`age1…`), or public keys of SSH.'),
    gpg: words.optional().describe('Fingerprints of keys in the keyring of the account, or files with public keys.'),
  })
  .refine(({ age, gpg }) => (age === undefined) !== (gpg === undefined), 'takes one of age and gpg')
  .describe('Whom `backup` encrypts dumps to, on their way to the disk.');

/** `backups.decrypt` of a profile. */
export const decrypt = z
  .strictObject({
    age: z
      .strictObject({
        identityFile: text
          .optional()
          .describe(
            'File with keys of age, or a key of SSH. REHEARSAL_AGE_IDENTITY_FILE and REHEARSAL_AGE_IDENTITY win.',
          ),
        passphraseFile: text.optional().describe('File with a passphrase. REHEARSAL_AGE_PASSPHRASE_FILE wins.'),
      })
      .optional()
      .describe('What opens backups that age has encrypted.'),
    gpg: z
      .strictObject({
        keyFile: text.optional().describe('File with a private key. REHEARSAL_GPG_KEY_FILE and REHEARSAL_GPG_KEY win.'),
        passphraseFile: text.optional().describe('File with a passphrase. REHEARSAL_GPG_PASSPHRASE_FILE wins.'),
      })
      .optional()
      .describe('What opens backups that gpg has encrypted. Without it: keyring and agent of the account.'),
    command: words
      .optional()
      .describe(
        'A program and its arguments that opens what others have encrypted: it gets the file on standard input, and prints what is inside.',
      ),
  })
  .describe('What opens encrypted backups.');
