import type { DumpEntry } from './dump-comments.ts';
import type { DumpText } from './dump-text.ts';

/** An entry of a dump, with what stands below its comment, rows aside. */
export interface DumpedDefinition extends Pick<DumpEntry, 'type' | 'object'> {
  text: string;
}

/** What reads a dump, and can keep what it reads. */
interface Keeper {
  startExcerpt(): void;
  endExcerpt(): string;
}

/** Keeps the text of each entry of a dump. Rows are not kept, and nothing where definitions take up too much memory. */
export class DefinitionCollector {
  readonly #dumpText: DumpText;
  readonly #keeper: Keeper;
  #definitions: DumpedDefinition[] | null = [];
  #entry: DumpEntry | null = null;
  #length = 0;

  constructor(dumpText: DumpText, keeper: Keeper) {
    this.#dumpText = dumpText;
    this.#keeper = keeper;
  }

  /** The comment above an entry has been read. */
  enter(entry: DumpEntry): void {
    this.leave();
    this.#entry = entry;
    if (this.#definitions !== null) this.#keeper.startExcerpt();
  }

  /** What has been read of the entry so far were rows. */
  passOver(): void {
    if (this.#entry !== null && this.#definitions !== null) this.#keeper.startExcerpt();
  }

  /** Rows follow. */
  pause(): void {
    this.#keeper.endExcerpt();
  }

  /** To be called once. */
  end(): DumpedDefinition[] | null {
    this.leave();
    return this.#definitions;
  }

  /** The entry has ended: what follows is of no other, or of another dump. */
  leave(): void {
    if (this.#entry === null || this.#definitions === null) return;
    const { type, object } = this.#entry;
    const text = this.#dumpText.decode(withoutNextComment(this.#keeper.endExcerpt()));
    this.#entry = null;
    this.#length += text.length;
    if (this.#length > longest) this.#definitions = null;
    else this.#definitions.push({ type, object, text });
  }
}

/** From behind one comment to behind the next, without the dashes around both. */
function withoutNextComment(text: string): string {
  const next = Math.max(text.lastIndexOf('\n--\n--'), text.lastIndexOf('\n--\r\n--'));
  return (next === -1 ? text : text.slice(0, next)).replace(/^\r?\n--\r?\n/, '');
}

/** Characters; the largest schemas known have some tens of millions. */
const longest = 200_000_000;
