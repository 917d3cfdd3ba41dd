import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { OperationalError } from './operational-error.ts';

/**
 * Which bytes a file had when it was examined, in pieces: whoever reads it later can tell each piece before it is used. That
 * holds for a file that was renamed over as for one that was written over, and put back afterwards.
 */
export interface Seal {
  sizeBytes: number;
  /** SHA-256 of each piece, in order. */
  pieces: string[];
}

/** A terabyte has 262 144 of them, and the seal of it takes some 20 MB. */
export const pieceBytes = 4 * 1024 * 1024;

/** Enough for the header of any archive, and for what a login prints before it. */
export const headBytes = 64 * 1024;

/** Makes the seal of a file from its bytes, as they are read or written. */
export class Sealer {
  /** The first bytes. */
  head = Buffer.alloc(0);
  readonly #whole = createHash('sha256');
  readonly #pieces: string[] = [];
  #piece = createHash('sha256');
  #sizeBytes = 0;

  update(chunk: Buffer): void {
    if (this.head.length < headBytes) this.head = Buffer.concat([this.head, chunk]).subarray(0, headBytes);
    this.#whole.update(chunk);
    for (let rest = chunk; rest.length > 0;) {
      const part = rest.subarray(0, pieceBytes - (this.#sizeBytes % pieceBytes));
      this.#piece.update(part);
      this.#sizeBytes += part.length;
      if (this.#sizeBytes % pieceBytes === 0) this.#endPiece();
      rest = rest.subarray(part.length);
    }
  }

  /** To be called once, at the end. */
  end(): { sha256: string; sizeBytes: number; seal: Seal } {
    const sizeBytes = this.#sizeBytes;
    if (sizeBytes % pieceBytes !== 0) this.#endPiece();
    return { sha256: this.#whole.digest('hex'), sizeBytes, seal: { sizeBytes, pieces: this.#pieces } };
  }

  #endPiece(): void {
    this.#pieces.push(this.#piece.digest('base64'));
    this.#piece = createHash('sha256');
  }
}

/** Lets bytes pass, and seals them. */
export function sealing(sealer: Sealer): (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (source) {
    for await (const chunk of source) {
      sealer.update(chunk);
      yield chunk;
    }
  };
}

/**
 * The bytes of a file that was sealed, and no others: what was appended to it since is no part of it.
 * @param source what the file holds now
 * @param file for the message
 * @throws OperationalError BACKUP_CHANGED before anything that was not examined is handed on
 */
export async function* readSealed(
  source: AsyncIterable<Buffer>,
  { sizeBytes, pieces }: Seal,
  file: string,
): AsyncGenerator<Buffer> {
  if (sizeBytes === 0) return;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let index = 0;
  for await (const chunk of source) {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    for (;;) {
      const wanted = Math.min(pieceBytes, sizeBytes - index * pieceBytes);
      if (waitingBytes < wanted) break;
      const bytes = Buffer.concat(waiting);
      const piece = bytes.subarray(0, wanted);
      if (createHash('sha256').update(piece).digest('base64') !== pieces[index]) throw changed(file);
      yield piece;
      index += 1;
      if (index === pieces.length) return;
      waiting = [bytes.subarray(wanted)];
      waitingBytes -= wanted;
    }
  }
  throw changed(file);
}

function changed(file: string): OperationalError {
  const message =
    `The dump ${basename(file)} is not what was examined any more: it was replaced or written to meanwhile. ` +
    'That says nothing against either. Start again when nobody writes there; a backup job should write each dump under a name of its own.';
  return new OperationalError('BACKUP_CHANGED', message);
}
