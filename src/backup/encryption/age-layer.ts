import { readDump } from '../../postgres/archive-input.ts';
import { findEncryption } from '../format/encrypted.ts';
import type { Layer } from '../layers/layer.ts';
import { dearmored, isArmored } from './age-armor.ts';
import { readStanzas } from './age-header.ts';
import { openAge } from './age-keys.ts';
import { decryptWithProgram } from './age-program.ts';
import { decryptWithLibrary } from './age-library.ts';
import { runDecryptCommand } from './command-layer.ts';
import { encryptedNotWhole, encryptedWithoutKey } from './encryption-findings.ts';

const give =
  'REHEARSAL_AGE_IDENTITY_FILE (or REHEARSAL_AGE_PASSPHRASE_FILE), or backups.decrypt.age.identityFile in the profile (by hand: age --decrypt --identity KEYFILE)';

/**
 * age (https://age-encryption.org/v1). Each piece is authenticated, and so is the end: nothing that was changed or cut off passes.
 * Keys of age and passphrases are used by a library; keys of SSH and of plugins (hardware) by the program age.
 */
export const age: Layer<'age'> = {
  name: 'age',
  tells: 'encrypted by age',
  readByPath: false,
  recognise: (head) => findEncryption(head)?.layer === 'age',
  async undo(dump, place, limits) {
    const { keys } = limits;
    if (keys.age.identity === null && keys.age.passphrase === null) {
      if (keys.command !== null) return runDecryptCommand('age', dump, place, limits);
      return { wrong: encryptedWithoutKey('age', give) };
    }
    const source = isArmored(dump.head) ? () => dearmored(readDump(dump)) : () => readDump(dump);
    const stanzas = await readStanzas(source());
    if (stanzas === null) return { wrong: encryptedNotWhole('age') };
    const opener = await openAge(keys.age);
    return opener.program === null
      ? decryptWithLibrary(opener, { source, stanzas }, place)
      : decryptWithProgram({ ...opener, program: opener.program }, stanzas, dump, place, limits);
  },
};
