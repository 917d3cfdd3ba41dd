/**
 * Reads what an archive of pg_dump is made of: integers (a byte for the sign, then little-endian) and texts (a length, -1 for
 * none, then bytes). Reading behind the end is a RangeError.
 */
export class ArchiveCursor {
  at = 0;
  /** Bytes of an integer, without its sign: the archive's header says it. */
  integerBytes = 4;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  byte(): number {
    const value = this.#bytes.readUInt8(this.at);
    this.at += 1;
    return value;
  }

  latin1(length: number): string {
    this.at += length;
    return this.#bytes.toString('latin1', this.at - length, this.at);
  }

  integer(): number {
    const negative = this.byte() !== 0;
    const value = this.#bytes.readUIntLE(this.at, this.integerBytes);
    this.at += this.integerBytes;
    return negative ? -value : value;
  }

  text(): string | null {
    const start = this.textStart();
    return start === null ? null : this.#bytes.toString('utf8', start, this.at);
  }

  /** A text of one character a byte, for which nobody has said yet how it is encoded. */
  bytes(): string | null {
    const start = this.textStart();
    return start === null ? null : this.#bytes.toString('latin1', start, this.at);
  }

  /** Passes over a text. Its first byte's offset, or null where there is no text. */
  textStart(): number | null {
    const length = this.integer();
    if (length < 0) return null;
    const start = this.at;
    if (start + length > this.#bytes.length) throw new RangeError('The archive ends within a text.');
    this.at += length;
    return start;
  }
}
