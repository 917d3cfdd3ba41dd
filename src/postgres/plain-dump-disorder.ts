import type { DumpEntry } from './dump-comments.ts';

/** What is said of a zero byte, which is none of a text. */
export const zeroByte = 'a zero byte';

/** Where a plain dump is not what pg_dump has written, though each line of it may be. */
export interface Disorder {
  kind: 'zeros' | 'line ends' | 'text behind' | 'dumped again';
  line: number;
  /** The table that is created a second time. */
  table: string | null;
}

/** Looks for what a disk, a transfer or a backup job has made of a plain dump. The first thing is enough. */
export class DisorderFinder {
  first: Disorder | null = null;
  /** Tables of the dumps before the one at hand. */
  readonly #earlier = new Set<string>();
  #tables = new Set<string>();
  #isFirst = true;

  report(kind: Disorder['kind'], line: number, table: string | null = null): void {
    this.first ??= { kind, line, table };
  }

  /** @param hasReturn whether a carriage return ends it: pg_dump writes none there, whatever is in the names of objects */
  readComment(comment: 'start' | 'end' | DumpEntry, hasReturn: boolean, line: number): void {
    if (hasReturn) this.report('line ends', line);
    if (comment === 'start') this.#startDump();
    else if (comment !== 'end' && comment.type === 'TABLE') this.#readTable(comment.object, line);
  }

  #startDump(): void {
    if (!this.#isFirst) for (const table of this.#tables) this.#earlier.add(table);
    this.#isFirst = false;
    this.#tables = new Set();
  }

  #readTable(table: string, line: number): void {
    if (this.#earlier.has(table)) this.report('dumped again', line, table);
    this.#tables.add(table);
  }
}
