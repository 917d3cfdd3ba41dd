import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { OperationalError } from '../../system/operational-error.ts';
import type { Undone } from '../layers/layer.ts';
import type { Inside, Place } from '../layers/place.ts';
import { packedEmpty } from '../layers/layer-findings.ts';
import { describeStanzas, type Stanza } from './age-header.ts';
import type { AgeOpener } from './age-keys.ts';
import { encryptedCorrupt, encryptedTruncated, keyWrong } from './encryption-findings.ts';

interface AgeFile {
  source: () => AsyncIterable<Buffer>;
  stanzas: Stanza[];
  /** null where it is not known. */
  sizeBytes: number | null;
}

/** What one authenticated piece holds, and what is around it. */
const pieceBytes = 64 * 1024;
const tagBytes = 16;

/** Opens a file of age, piece by piece. What is written before a piece turns out to be wrong is not handed on. */
export async function decryptWithLibrary(
  { decrypter, recipients, hasPassphrase }: AgeOpener,
  { source, stanzas, sizeBytes }: AgeFile,
  place: Place,
): Promise<Undone> {
  const read = { cipherBytes: 0, plainBytes: 0 };
  const input = Readable.toWeb(
    Readable.from(
      counted(source(), (bytes) => (read.cipherBytes += bytes)),
      { objectMode: false },
    ),
  );
  const isFor = describeStanzas(stanzas);
  try {
    const plain = await decrypter.decrypt(input as unknown as ReadableStream<Uint8Array>);
    const output = Readable.fromWeb(plain as unknown as NodeReadableStream);
    const inside: Inside = await place.store(counted(output, (bytes) => (read.plainBytes += bytes)));
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
    return {
      wrong: isAtEnd(read.plainBytes, sizeBytes)
        ? encryptedTruncated('age', ', or its last bytes have changed')
        : encryptedCorrupt('age'),
    };
  }
}

/** Whether the piece that is wrong is the last of the file: a file that was cut off ends with half a piece. */
function isAtEnd(plainBytes: number, sizeBytes: number | null): boolean {
  if (sizeBytes === null) return false;
  const pieces = Math.floor(plainBytes / pieceBytes);
  return sizeBytes - pieces * (pieceBytes + tagBytes) <= pieceBytes + tagBytes + 4096;
}

async function* counted(source: AsyncIterable<Buffer>, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    count(chunk.length);
    yield Buffer.from(chunk);
  }
}
