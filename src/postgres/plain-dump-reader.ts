import { readDumpComment } from './dump-comments.ts';
import { NeedsReader } from './dump-needs.ts';
import { DumpText } from './dump-text.ts';
import { CommandFinder } from './plain-dump-commands.ts';
import { ContentsCounter, type DumpedContents } from './plain-dump-contents.ts';
import { DefinitionCollector } from './plain-dump-definitions.ts';
import type { Backslash, ByteRange, LexerEvents } from './plain-dump-events.ts';
import type { SqlStatement } from './plain-dump-statement.ts';
import { DisorderFinder, zeroByte, type Disorder } from './plain-dump-disorder.ts';
import { PlainDumpLexer } from './plain-dump-lexer.ts';

/** What psql would do with a plain SQL dump besides handing it to the server. */
export interface PlainDump extends Pick<CommandFinder, 'metaCommands' | 'neverRun' | 'ambiguousLine'> {
  /** Statements that give objects to owners and grant privileges. */
  ownership: ByteRange[];
  /** What the dump fills the database with. */
  contents: DumpedContents;
  /** What it needs of the server, and its statements on what may have been made beforehand. */
  needs: NeedsReader['needs'];
  prepared: NeedsReader['prepared'];
  /** The first place where it is not what pg_dump has written; null for none. */
  disorder: Disorder | null;
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
  readonly #counter: ContentsCounter;
  readonly #needs: NeedsReader;
  readonly #lexer: PlainDumpLexer;
  readonly #definitions: DefinitionCollector;
  readonly #disorder = new DisorderFinder();
  /** Whether pg_dump's closing comment has been read, and nothing behind it that does anything. */
  #closed = false;
  #seenEnd = false;

  /** @param eachRow tables whose rows are hashed each for itself: see DumpedRows */
  constructor(eachRow: ReadonlySet<string> = new Set()) {
    const dumpText = new DumpText();
    this.#counter = new ContentsCounter(dumpText, eachRow);
    this.#needs = new NeedsReader(dumpText);
    this.#lexer = new PlainDumpLexer(dumpText, {
      onToken: (line) => {
        if (this.#closed) this.#disorder.report('text behind', line);
        this.#closed = false;
        this.#commands.readToken(line);
      },
      onStatement: (statement, line, range) => {
        this.#counter.addStatement(statement);
        this.#needs.addStatement(statement, range);
        this.#commands.readStatement(statement, line, range);
        if (isOfRows(statement)) this.#definitions.passOver();
      },
      ...this.#rowEvents(),
      onComment: (comment, hasReturn) => {
        this.#readComment(comment, hasReturn);
      },
      onBackslash: (backslash) => this.#readBackslash(backslash),
      onRefused: (what, line) => {
        if (what === zeroByte) this.#disorder.report('zeros', line);
        this.#commands.report(what, line);
      },
      onDoubt: (line) => {
        this.#commands.doubt(line);
      },
    });
    this.#definitions = new DefinitionCollector(dumpText, this.#lexer);
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
    const { metaCommands, neverRun, ambiguousLine, leftOut } = this.#commands;
    const contents = { ...this.#counter.end(), definitions: this.#definitions.end() };
    const { needs, prepared } = this.#needs;
    const { ownership } = leftOut;
    const { first: disorder } = this.#disorder;
    const cut = this.#findCut();
    return { metaCommands, neverRun, ownership, ambiguousLine, contents, needs, prepared, disorder, cut };
  }

  #rowEvents(): Pick<LexerEvents, 'onCopy' | 'onRowText' | 'onCopied' | 'onInserted'> {
    const { rows } = this.#counter;
    return {
      onCopy: (target) => {
        rows.startCopy(target);
        this.#definitions.pause();
      },
      onRowText: (text) => {
        rows.addText(text);
      },
      onCopied: (count) => {
        rows.endCopy(count);
        this.#definitions.passOver();
      },
      onInserted: (target, sha256, sample) => {
        rows.addInserted(target, sha256);
        rows.noteTimestamps(sample);
        this.#definitions.passOver();
      },
    };
  }

  #readComment(comment: string, hasReturn: boolean): void {
    const read = readDumpComment(comment);
    if (read === null) return;
    this.#disorder.readComment(read, hasReturn, this.#lexer.line);
    if (read === 'start' && this.#seenEnd) this.#commands.startAnother();
    this.#closed = read === 'end';
    if (read === 'end') {
      this.#seenEnd = true;
      this.#definitions.leave();
    } else if (read !== 'start') {
      this.#counter.addEntry(read);
      this.#definitions.enter(read);
    }
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

/** Statements that fill tables, sequences and large objects, and not those that define them. */
function isOfRows({ words: [first = ''] }: SqlStatement): boolean {
  return first === 'insert' || first === 'select';
}
