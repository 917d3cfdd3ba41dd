/** Keeps a part of a text that is read in pieces, from a mark on. Positions are those in the piece at hand. */
export class Excerpt {
  #from: number | null = null;
  #pieces: string[] = [];

  start(position: number): void {
    this.#from = position;
    this.#pieces = [];
  }

  /** The text at hand loses what stands before `start`. */
  shift(text: string, position: number, start: number): void {
    if (this.#from === null) return;
    this.#pieces.push(text.slice(this.#from, position));
    this.#from = position - start;
  }

  /** What was kept, up to the position. */
  end(text: string, position: number): string {
    if (this.#from === null) return '';
    const kept = [...this.#pieces, text.slice(this.#from, position)].join('');
    this.#from = null;
    this.#pieces = [];
    return kept;
  }
}
