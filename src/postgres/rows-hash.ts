import { createHash, hash, type Hash } from 'node:crypto';

/** The SHA-256 of a text that comes in pieces of one character a byte. */
export class RowHash {
  #pending = '';
  #long: Hash | null = null;

  add(text: string): void {
    this.#pending += text;
    if (this.#pending.length < longPiece) return;
    this.#long = (this.#long ?? createHash('sha256')).update(this.#pending, 'latin1');
    this.#pending = '';
  }

  /** Some characters of what has been added so far. */
  get sample(): string {
    return this.#pending.slice(0, sampled);
  }

  /** Starts anew with what is added next. */
  end(): Buffer {
    const bytes = Buffer.from(this.#pending, 'latin1');
    const digest = this.#long === null ? hash('sha256', bytes, 'buffer') : this.#long.update(bytes).digest();
    this.#long = null;
    this.#pending = '';
    return digest;
  }
}

const longPiece = 64 * 1024;
const sampled = 2048;

/** A sum of hashes, for rows whose order means nothing: each of eight 32-bit parts of a SHA-256 is added for itself, modulo 2^32. */
export class HashSum {
  readonly #parts = new Uint32Array(8);

  add(sha256: Buffer): void {
    for (let part = 0; part < this.#parts.length; part += 1) {
      this.#parts[part] = (this.#parts[part] ?? 0) + sha256.readUInt32LE(part * 4);
    }
  }

  /** 64 hexadecimal digits. */
  toString(): string {
    return [...this.#parts].map((part) => part.toString(16).padStart(8, '0')).join('');
  }
}

/** The rows of a table in the text format of COPY: of all in their order, or of each for itself. */
export class CopyHash {
  readonly #all: Hash | null;
  readonly #each: { row: RowHash; sum: HashSum } | null;

  /** @param order whether the order of rows counts; without, hashing takes some times as long */
  constructor(order: 'kept' | 'any') {
    this.#all = order === 'kept' ? createHash('sha256') : null;
    this.#each = order === 'any' ? { row: new RowHash(), sum: new HashSum() } : null;
  }

  /** Reads on: text of one character a byte, in pieces of any length. A row ends with a line break. */
  add(text: string): void {
    this.#all?.update(text, 'latin1');
    if (this.#each === null) return;
    const { row, sum } = this.#each;
    const lines = text.split('\n');
    for (const line of lines.slice(0, -1)) {
      row.add(line);
      sum.add(row.end());
    }
    row.add(lines.at(-1) ?? '');
  }

  /** 64 hexadecimal digits. To be called once. */
  end(): string {
    return this.#all?.digest('hex') ?? this.#each?.sum.toString() ?? '';
  }
}
