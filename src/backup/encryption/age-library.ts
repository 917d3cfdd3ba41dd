import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { OperationalError } from '../../system/operational-error.ts';
import type { Undone } from '../layers/layer.ts';
import type { Inside, Place } from '../layers/place.ts';
import { packedEmpty } from '../layers/layer-findings.ts';
import { describeStanzas, type Stanza } from './age-header.ts';
import type { AgeOpener } from './age-keys.ts';
import { encryptedNotWhole, keyWrong } from './encryption-findings.ts';

interface AgeFile {
  source: () => AsyncIterable<Buffer>;
  stanzas: Stanza[];
}

/** Opens a file of age, piece by piece. What is written before a piece turns out to be wrong is not handed on. */
export async function decryptWithLibrary(
  { decrypter, recipients, hasPassphrase }: AgeOpener,
  { source, stanzas }: AgeFile,
  place: Place,
): Promise<Undone> {
  const input = Readable.toWeb(Readable.from(source(), { objectMode: false }));
  const isFor = describeStanzas(stanzas);
  try {
    const plain = await decrypter.decrypt(input as unknown as ReadableStream<Uint8Array>);
    const output = Readable.fromWeb(plain as unknown as NodeReadableStream);
    const inside: Inside = await place.store(output);
    if (inside.head.length === 0) return { wrong: packedEmpty('encrypted by age') };
    const key = isFor === 'a passphrase' ? 'a passphrase' : recipients.join(', ');
    return { inside, warnings: [], opened: { by: 'age', for: isFor, key } };
  } catch (error) {
    const { message, code = '' } = error as NodeJS.ErrnoException;
    // The disk, an interruption, or the file itself: nothing of that is about the backup.
    if (error instanceof OperationalError || /^E[A-Z]+$/.test(code) || code === 'ABORT_ERR') throw error;
    if (/no identity matched/.test(message)) {
      const tried = [...recipients, ...(hasPassphrase ? ['the passphrase'] : [])].join(', ');
      return { wrong: keyWrong('age', isFor, tried) };
    }
    return { wrong: encryptedNotWhole('age') };
  }
}
