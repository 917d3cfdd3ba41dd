import { HashSum, RowHash } from './rows-hash.ts';

/** Large objects, all at once. */
export interface LargeObjectsHash {
  count: number;
  /** The sum of the SHA-256 of each: of its oid, a blank and its bytes. See HashSum. null where bytes could not be told. */
  hash: string | null;
}

/** Counts and hashes large objects that come one after the other. */
export class LargeObjectsHasher {
  #count = 0;
  #isOpen = false;
  #isClear = true;
  readonly #object = new RowHash();
  readonly #sum = new HashSum();

  /** What follows are the bytes of this one. */
  open(oid: string): void {
    this.#close();
    this.#isOpen = true;
    this.#count += 1;
    this.#object.add(`${oid} `);
  }

  /** @param hex bytes, in hexadecimal */
  add(hex: string): void {
    this.#object.add(Buffer.from(hex, 'hex').toString('latin1'));
  }

  /** What follows are bytes, and cannot be told. */
  addUnclear(): void {
    this.#isClear = false;
  }

  /** To be called once. */
  end(): LargeObjectsHash {
    this.#close();
    return { count: this.#count, hash: this.#isClear ? this.#sum.toString() : null };
  }

  #close(): void {
    if (this.#isOpen) this.#sum.add(this.#object.end());
    this.#isOpen = false;
  }
}
