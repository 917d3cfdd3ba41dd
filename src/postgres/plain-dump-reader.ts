import { readDumpComment } from './dump-comments.ts';
import { CommandFinder } from './plain-dump-commands.ts';
import { ContentsCounter, type DumpedContents } from './plain-dump-contents.ts';
import type { Backslash } from './plain-dump-events.ts';
import { PlainDumpLexer } from './plain-dump-lexer.ts';

/** What psql would do with a plain SQL dump besides handing it to the server. */
export interface PlainDump extends Pick<CommandFinder, 'metaCommands' | 'restriction' | 'ambiguousLine'> {
  /** What the dump fills the database with. */
  contents: DumpedContents;
  /** Where the dump ends, if that is not with pg_dump's closing comment; null for a whole one. */
  cut: DumpCut | null;
}

/** The end of a dump that is not whole. */
export interface DumpCut {
  line: number;
  /** What the end is in the middle of, or what is wrong with it. */
  reason: string;
}

/** Reads a plain SQL dump once: what is refused in it, what it holds, and whether it is whole. */
export class PlainDumpReader {
  readonly #commands = new CommandFinder();
  readonly #counter = new ContentsCounter();
  readonly #lexer: PlainDumpLexer;
  /** Whether pg_dump's closing comment has been read, and nothing behind it that does anything. */
  #closed = false;
  #seenEnd = false;

  constructor() {
    this.#lexer = new PlainDumpLexer({
      onToken: (line) => {
        this.#closed = false;
        this.#commands.readToken(line);
      },
      onStatement: (statement, line) => {
        this.#counter.addStatement(statement);
        this.#commands.readStatement(statement, line);
      },
      onRows: (table, count) => {
        this.#counter.addRows(table, count);
      },
      onComment: (comment) => {
        this.#readComment(comment);
      },
      onBackslash: (backslash) => this.#readBackslash(backslash),
      onRefused: (what, line) => {
        this.#commands.report(what, line);
      },
      onDoubt: (line) => {
        this.#commands.doubt(line);
      },
    });
  }

  get metaCommands(): PlainDump['metaCommands'] {
    return this.#commands.metaCommands;
  }

  /** Reads on: text of one character a byte, in pieces of any length. */
  feed(text: string): void {
    this.#lexer.feed(text);
  }

  /** There is no more to come. */
  end(): PlainDump {
    this.#lexer.end();
    const { metaCommands, restriction, ambiguousLine } = this.#commands;
    return { metaCommands, restriction, ambiguousLine, contents: this.#counter.contents, cut: this.#findCut() };
  }

  #readComment(comment: string): void {
    const read = readDumpComment(comment);
    if (read === null) return;
    this.#closed = read === 'end';
    if (read === 'end') this.#seenEnd = true;
    else if (read !== 'start') this.#counter.addEntry(read);
  }

  #readBackslash(backslash: Backslash): number {
    const length = this.#commands.readBackslash(backslash);
    if (length === 0 || this.#commands.restrictionState === 'none') this.#closed = false;
    return length;
  }

  #findCut(): DumpCut | null {
    const within = this.#lexer.openConstruct;
    if (this.#closed && within === null && this.#commands.restrictionState !== 'open') return null;
    return { line: this.#lexer.line - 1, reason: within === null ? this.#nameEnd() : `within ${within}` };
  }

  #nameEnd(): string {
    if (this.#closed) return 'before the \\unrestrict that its \\restrict needs';
    return this.#seenEnd ? 'with more than pg_dump wrote there' : 'before pg_dump’s closing comment';
  }
}
