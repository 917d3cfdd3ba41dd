import type { DumpText } from './dump-text.ts';
import { countLineFeeds } from './line-ends.ts';
import { zeroByte } from './plain-dump-disorder.ts';
import { Excerpt } from './plain-dump-excerpt.ts';
import type { LexerEvents } from './plain-dump-events.ts';
import { blockComment, escapeString, plainString, upTo, type Quote } from './plain-dump-quotes.ts';
import { StatementReader, type RowsTarget } from './plain-dump-statement.ts';

type State =
  | { name: 'sql' | 'line comment' }
  | { name: 'quoted'; quote: Quote }
  | { name: 'copy header'; target: RowsTarget }
  | { name: 'copy'; target: RowsTarget; firstLine: number; atLineStart: boolean };

/** A token outside of quotes. Letters are those of psql: any byte from 0x80 on is one. */
const token =
  /[A-Za-z_\x80-\xff][\w$\x80-\xff]*|\d+(?:e[+-]?\d+)?|--|\/\*|\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$|[ \t\n\r\f\v]+|[^]/iy;

/** Longer than any token that means something here. */
const lookahead = 1024;
const longestWord = 256;
/** Longer than any comment of pg_dump, save on functions with very many arguments. */
const longestComment = 16 * 1024;

/**
 * Reads SQL as psql does (PostgreSQL's psqlscan.l), as far as it takes to tell what stands outside of quotes, comments
 * and rows. Takes text of one character a byte, in pieces of any length.
 */
export class PlainDumpLexer {
  readonly #events: LexerEvents;
  readonly #dumpText: DumpText;
  #state: State = { name: 'sql' };
  #text = '';
  #position = 0;
  #offset = 0;
  #line = 1;
  /** Where in the text at hand the next line starts. */
  #nextLine = 0;
  readonly #statement: StatementReader;
  /** In bytes. */
  #statementStart = 0;
  /** The last token that is neither space nor comment. */
  #previous = ';';
  /** The line comment at hand, as far as it has been read. */
  #comment = '';
  /** Whether the text at hand is the last. */
  #ended = false;
  readonly #excerpt = new Excerpt();

  constructor(dumpText: DumpText, events: LexerEvents) {
    this.#dumpText = dumpText;
    this.#events = events;
    this.#statement = new StatementReader(dumpText, events.onInserted);
  }

  /** The line that is read next. */
  get line(): number {
    return this.#line;
  }

  /** What the text so far ends in the middle of; null between statements. */
  get openConstruct(): string | null {
    const state = this.#state;
    if (state.name === 'copy header' || state.name === 'copy') return `the rows of ${state.target.table}`;
    if (state.name === 'quoted' && state.quote.isComment) return 'a comment';
    return state.name === 'sql' && this.#isBetweenStatements() ? null : 'a statement';
  }

  /** Text that is read from here on is kept. */
  startExcerpt(): void {
    this.#excerpt.start(this.#position);
  }

  /** What was read since the last `startExcerpt`; nothing from here on is kept. */
  endExcerpt(): string {
    return this.#excerpt.end(this.#text, this.#position);
  }

  /** Reads on. */
  feed(text: string): void {
    this.#append(text);
    while (this.#text.length - this.#position > lookahead) this.#step();
  }

  /** There is no more to come. */
  end(): void {
    // A missing line break at the end changes nothing, and spares special cases.
    this.#append('\n');
    this.#ended = true;
    while (this.#position < this.#text.length) this.#step();
  }

  #isBetweenStatements(): boolean {
    return this.#previous === ';' && !this.#statement.isNested;
  }

  #append(text: string): void {
    // The character before is kept: some tokens depend on it.
    const start = Math.max(0, this.#position - 1);
    this.#excerpt.shift(this.#text, this.#position, start);
    this.#text = this.#text.slice(start) + text;
    this.#position -= start;
    this.#nextLine = this.#text.indexOf('\n', this.#position) + 1;
    // psql reads such a line up to there.
    const zero = this.#text.indexOf('\0', this.#position);
    if (zero !== -1)
      this.#events.onRefused(zeroByte, this.#line + countLineFeeds(this.#text.slice(this.#position, zero)));
  }

  /** Always gets on by at least one character, and never looks further ahead than `lookahead`. */
  #step(): void {
    switch (this.#state.name) {
      case 'sql':
        this.#readSql();
        break;
      case 'quoted':
        this.#readQuoted(this.#state);
        break;
      case 'line comment':
        this.#readLineComment();
        break;
      case 'copy header':
        this.#readCopyHeader(this.#state);
        break;
      case 'copy':
        this.#readRows(this.#state);
        break;
    }
  }

  #readSql(): void {
    token.lastIndex = this.#position;
    const text = token.exec(this.#text)?.[0] ?? '';
    if (text === '\\') {
      this.#readBackslash();
      return;
    }
    this.#consume(text.length);
    if (/^[ \t\n\r\f\v]/.test(text)) this.#statement.note(' ');
    else if (text === '--') this.#state = { name: 'line comment' };
    else if (text === '/*') this.#state = { name: 'quoted', quote: blockComment() };
    else this.#readStatement(text);
  }

  #readStatement(text: string): void {
    if (this.#isBetweenStatements()) this.#statementStart = this.#offset - text.length;
    const previous = this.#previous;
    const next = this.#text[this.#position] ?? '';
    this.#previous = text;
    this.#events.onToken(this.#line);
    if (text.length > longestWord) this.#events.onRefused('a word without end', this.#line);
    // Versions of psql differ in where such a number ends, and may replace what looks like a variable.
    if (/^\d/.test(text) && /[a-z_\x80-\xff]/i.test(next)) this.#events.onDoubt(this.#line);
    if (text === ':' && previous !== ':' && /[a-z_"'{\x80-\xff]/i.test(next)) this.#events.onDoubt(this.#line);
    if (/^e$/i.test(text) && next === "'") {
      this.#consume(1);
      this.#quote(escapeString, "'");
    } else if (text === "'") {
      // Behind an E'…' and a line break, this continues it for some versions.
      if (previous === "E'") this.#events.onDoubt(this.#line);
      this.#quote(plainString, "'");
    } else if (text === '"') this.#quote(upTo('"'), '"');
    else if (text.length > 1 && text.startsWith('$')) this.#quote(upTo(text), '$');
    else if (text === ';' && !this.#statement.isNested) this.#endStatement();
    else this.#statement.add(text, previous);
  }

  #quote(quote: Quote, mark: string): void {
    this.#statement.note(mark);
    this.#state = { name: 'quoted', quote };
  }

  #endStatement(): void {
    const statement = this.#statement.end();
    const range = { offset: this.#statementStart, length: this.#offset - this.#statementStart };
    if (statement.copied === null) this.#events.onStatement(statement, this.#line, range);
    else this.#state = { name: 'copy header', target: statement.copied };
  }

  #readBackslash(): void {
    const passedOver = this.#events.onBackslash({
      text: this.#text.slice(this.#position, this.#position + longestWord),
      isLast: this.#ended && this.#text.length - this.#position <= longestWord,
      offset: this.#offset,
      line: this.#line,
      startsLine: this.#offset === 0 || this.#text[this.#position - 1] === '\n',
    });
    this.#consume(passedOver || 1);
    if (passedOver === 0) this.#state = { name: 'quoted', quote: upTo('\n') };
  }

  #readQuoted({ quote }: { quote: Quote }): void {
    const { next, closed } = quote.pass(this.#text, this.#position);
    this.#consume(Math.max(1, next - this.#position));
    if (!closed) return;
    // With standard_conforming_strings off, the backslash in front would make the quote a part of the string.
    if (quote === plainString && this.#text[this.#position - 2] === '\\') this.#events.onDoubt(this.#line);
    this.#state = { name: 'sql' };
    this.#previous = quote.token ?? this.#previous;
  }

  /** psql takes a carriage return for the end of a comment, too. */
  #readLineComment(): void {
    lineEnd.lastIndex = this.#position;
    const end = lineEnd.exec(this.#text)?.index;
    const rest = Math.max(0, longestComment - this.#comment.length);
    this.#comment += this.#text.slice(this.#position, Math.min(end ?? this.#text.length, this.#position + rest));
    this.#consume((end ?? this.#text.length) - this.#position);
    if (end === undefined) return;
    this.#state = { name: 'sql' };
    if (this.#isBetweenStatements()) {
      this.#events.onComment(this.#dumpText.decode(this.#comment), this.#text[end] === '\r');
    }
    this.#comment = '';
  }

  /** psql reads rows from the next line on, and goes back to the rest of this one afterwards. */
  #readCopyHeader({ target }: { target: RowsTarget }): void {
    const character = this.#text[this.#position] ?? '';
    if (!' \t\r\n'.includes(character)) {
      this.#events.onRefused('text behind COPY … FROM stdin', this.#line);
      this.#state = { name: 'quoted', quote: upTo('\n') };
      return;
    }
    this.#consume(1);
    if (character !== '\n') return;
    this.#state = { name: 'copy', target, firstLine: this.#line, atLineStart: true };
    this.#events.onCopy(target);
  }

  #readRows(state: Extract<State, { name: 'copy' }>): void {
    const end = state.atLineStart ? /^\\\.\r?\n/.exec(this.#text.slice(this.#position, this.#position + 4)) : null;
    if (end !== null) {
      this.#consume(end[0].length);
      this.#events.onCopied(this.#line - 1 - state.firstLine);
      this.#state = { name: 'sql' };
      this.#previous = ';';
      return;
    }
    const next = this.#text.indexOf('\n\\.', this.#position);
    const consumed = next === -1 ? this.#text.length - 2 : next + 1;
    const length = Math.max(1, consumed - this.#position);
    this.#events.onRowText(this.#text.slice(this.#position, this.#position + length));
    this.#consume(length);
    state.atLineStart = next !== -1;
  }

  #consume(length: number): void {
    this.#statement.addVerbatim(this.#text, this.#position, length);
    this.#position += length;
    this.#offset += length;
    while (this.#nextLine > 0 && this.#nextLine <= this.#position) {
      this.#line += 1;
      this.#nextLine = this.#text.indexOf('\n', this.#nextLine) + 1;
    }
  }
}

const lineEnd = /[\n\r]/g;
