import { readDumpComment } from './dump-comments.ts';

/** What psql would do with a plain SQL dump besides handing it to the server. */
export interface PlainDump {
  /** Commands of psql, and what else no dump holds. Never their arguments. */
  metaCommands: MetaCommand[];
  /** Lines that pg_dump itself writes around a dump, `\restrict` and `\unrestrict`: in bytes. */
  restriction: { offset: number; length: number }[];
  /** The first line that psql may read otherwise, depending on settings and version; null for none. */
  ambiguousLine: number | null;
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

/** What a dump fills a database with, as far as its statements tell. */
export interface DumpedContents {
  /** Rows by table, as COPY names it: with its schema, quoted where SQL wants it. */
  rows: Map<string, number>;
  /** Statements that insert rows, of dumps that were taken with --inserts. */
  inserts: number;
  /** Positions of sequences, by their names as SQL writes them. */
  sequences: Map<string, { lastValue: string; isCalled: boolean }>;
  largeObjects: number;
  /** Whether a column of a table must have a value, as those of every primary key. */
  hasRequiredColumn: boolean;
  /** Objects by the types of their entries in the dump's table of contents; see DumpEntry. */
  entries: Map<string, Set<string>>;
  /** Roles that own something, by the same. */
  owners: Set<string>;
}

export interface MetaCommand {
  line: number;
  /** Without its backslash. */
  command: string;
}

type State =
  | { name: 'sql' | 'string' | 'escape string' | 'identifier' | 'line comment' | 'copy header' | 'meta-command' }
  | { name: 'block comment'; depth: number }
  | { name: 'dollar'; delimiter: string }
  | { name: 'copy'; atLineStart: boolean };

/** A token outside of quotes. Letters are those of psql: any byte from 0x80 on is one. */
const token =
  /[A-Za-z_\x80-\xff][\w$\x80-\xff]*|\d+(?:e[+-]?\d+)?|--|\/\*|\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$|[ \t\n\r\f\v]+|[^]/iy;

/** Longer than any token that means something here. */
const lookahead = 1024;
const longestWord = 256;
const longestStatement = 256 * 1024;
/** Longer than any comment of pg_dump, save on functions with very many arguments. */
const longestComment = 16 * 1024;

/**
 * Reads SQL as psql does (PostgreSQL's psqlscan.l), as far as it takes to tell what stands outside of quotes, comments
 * and rows. Takes text of one character a byte, in pieces of any length.
 */
export class PlainDumpLexer {
  readonly metaCommands: MetaCommand[] = [];

  readonly #restriction: PlainDump['restriction'] = [];
  #ambiguousLine: number | null = null;
  #state: State = { name: 'sql' };
  #text = '';
  #position = 0;
  #offset = 0;
  #line = 1;
  /** Where in the text at hand the next line starts. */
  #nextLine = 0;
  /** The statement so far, with a quotation mark in place of what is quoted, until it ends. */
  #statement = '';
  #parentheses = 0;
  /** Of BEGIN ATOMIC in the body of a function, within which a semicolon ends no statement. */
  #blocks = 0;
  #seenStatement = false;
  #restrictedBy: string | null = null;
  #released = false;
  /** The last token that is neither space nor comment. */
  #previous = ';';
  #copies = 0;
  readonly #words: string[] = [];
  readonly #contents: DumpedContents = {
    rows: new Map(),
    inserts: 0,
    sequences: new Map(),
    largeObjects: 0,
    hasRequiredColumn: false,
    entries: new Map(),
    owners: new Set(),
  };
  /** The statement so far as it stands there, where it is of a kind that tells of contents; null for others. */
  #verbatim: string | null = null;
  /** The table whose rows are being read, and the line of the first. */
  #filling: { table: string; line: number } | null = null;
  /** The line comment at hand, as far as it has been read. */
  #comment = '';
  /** Whether pg_dump's closing comment has been read, and nothing behind it that does anything. */
  #closed = false;
  #seenEnd = false;
  /** Whether the text at hand is the last. */
  #ended = false;

  /** Reads on. */
  feed(text: string): void {
    this.#append(text);
    while (this.#text.length - this.#position > lookahead) this.#step();
  }

  /** There is no more to come. */
  end(): PlainDump {
    // A missing line break at the end changes nothing, and spares special cases.
    this.#append('\n');
    this.#ended = true;
    while (this.#position < this.#text.length) this.#step();
    return {
      metaCommands: this.metaCommands,
      restriction: this.#restriction,
      ambiguousLine: this.#ambiguousLine,
      contents: this.#contents,
      cut: this.#findCut(),
    };
  }

  #findCut(): DumpCut | null {
    const released = this.#restrictedBy === null || this.#released;
    if (this.#closed && released && this.#state.name === 'sql') return null;
    return { line: this.#line - 1, reason: this.#nameCut() };
  }

  #nameCut(): string {
    if (this.#filling !== null) return `within the rows of ${this.#filling.table}`;
    if (this.#state.name === 'block comment') return 'within a comment';
    if (this.#state.name !== 'sql' || !this.#isBetweenStatements()) return 'within a statement';
    if (this.#closed) return 'before the \\unrestrict that its \\restrict needs';
    return this.#seenEnd ? 'with more than pg_dump wrote there' : 'before pg_dump’s closing comment';
  }

  #isBetweenStatements(): boolean {
    return this.#previous === ';' && this.#parentheses === 0 && this.#blocks === 0;
  }

  #append(text: string): void {
    // The character before is kept: some tokens depend on it.
    const start = Math.max(0, this.#position - 1);
    this.#text = this.#text.slice(start) + text;
    this.#position -= start;
    this.#nextLine = this.#text.indexOf('\n', this.#position) + 1;
    // psql reads such a line up to there.
    if (text.includes('\0')) this.#report('a zero byte');
  }

  /** Always gets on by at least one character, and never looks further ahead than `lookahead`. */
  #step(): void {
    switch (this.#state.name) {
      case 'sql':
        this.#readSql();
        break;
      case 'string':
        this.#readString();
        break;
      case 'escape string':
        this.#readEscapeString();
        break;
      case 'identifier':
        this.#readUntil('"', 0);
        break;
      case 'dollar':
        this.#readUntil(this.#state.delimiter, this.#state.delimiter.length - 1);
        break;
      case 'line comment':
        this.#readLineComment();
        break;
      case 'block comment':
        this.#readBlockComment(this.#state);
        break;
      case 'copy header':
        this.#readCopyHeader();
        break;
      case 'copy':
        this.#readRows(this.#state);
        break;
      case 'meta-command':
        this.#readUntil('\n', 0);
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
    if (/^[ \t\n\r\f\v]/.test(text)) this.#note(' ');
    else if (text === '--') this.#state = { name: 'line comment' };
    else if (text === '/*') this.#state = { name: 'block comment', depth: 1 };
    else this.#readStatement(text);
  }

  #readStatement(text: string): void {
    const previous = this.#previous;
    const next = this.#text[this.#position] ?? '';
    this.#previous = text;
    this.#seenStatement = true;
    this.#closed = false;
    if (this.#released) this.#report('text behind \\unrestrict');
    this.#released = false;
    if (text.length > longestWord) this.#report('a word without end');
    // Versions of psql differ in where such a number ends, and may replace what looks like a variable.
    if (/^\d/.test(text) && /[a-z_\x80-\xff]/i.test(next)) this.#doubt();
    if (text === ':' && previous !== ':' && /[a-z_"'{\x80-\xff]/i.test(next)) this.#doubt();
    if (/^e$/i.test(text) && next === "'") {
      this.#consume(1);
      this.#quote({ name: 'escape string' }, "'");
    } else if (text === "'") {
      // Behind an E'…' and a line break, this continues it for some versions.
      if (previous === "E'") this.#doubt();
      this.#quote({ name: 'string' }, "'");
    } else if (text === '"') this.#quote({ name: 'identifier' }, '"');
    else if (text.length > 1 && text.startsWith('$')) this.#quote({ name: 'dollar', delimiter: text }, '$');
    else if (text === ';' && this.#parentheses === 0 && this.#blocks === 0) this.#endStatement();
    else {
      if (text === '(') this.#parentheses += 1;
      if (text === ')' && this.#parentheses > 0) this.#parentheses -= 1;
      this.#note(text);
      if (/^[a-z_\x80-\xff]/i.test(text)) this.#readWord(text.toLowerCase(), previous);
    }
  }

  #quote(state: State, mark: string): void {
    this.#note(mark);
    this.#state = state;
  }

  #readWord(word: string, previous: string): void {
    if (word === 'copy' && previous === ';') this.#copies += 1;
    if (this.#words.length < 4) this.#words.push(word);
    if (this.#words.length === 1 && (word === 'copy' || word === 'select')) this.#verbatim ??= '';
    // As psql does it: in the definition of a function, BEGIN and CASE open a block and END closes one.
    if (this.#parentheses > 0 || !/^create (or replace )?(function|procedure)\b/.test(this.#words.join(' '))) return;
    if (word === 'begin' || (word === 'case' && this.#blocks > 0)) this.#blocks += 1;
    if (word === 'end' && this.#blocks > 0) this.#blocks -= 1;
  }

  #endStatement(): void {
    if (/^create (?:unlogged )?table\b/.test(this.#words.join(' ')) && /\bnot null\b/i.test(this.#statement)) {
      this.#contents.hasRequiredColumn = true;
    }
    if (this.#words[0] === 'insert') this.#contents.inserts += 1;
    if (copyFromStdin.test(this.#statement)) {
      this.#filling = { table: decode(copiedTable.exec(this.#verbatim ?? '')?.[1]), line: 0 };
      this.#state = { name: 'copy header' };
    } else if (this.#words[0] === 'select') this.#readCall(this.#verbatim ?? '');
    // psql takes what follows for rows, and nobody but the server knows where they end.
    else if (this.#copies > 0 && /\b(?:stdin|stdout)\b/i.test(this.#statement))
      this.#report('another COPY than pg_dump’s');
    this.#statement = '';
    this.#verbatim = null;
    this.#copies = 0;
    this.#words.length = 0;
  }

  /** pg_dump sets sequences, and opens large objects to write into them, by calls of functions. */
  #readCall(call: string): void {
    const [, name = '', lastValue, isCalled] = setsSequence.exec(call) ?? [];
    if (lastValue !== undefined) {
      this.#contents.sequences.set(decode(name).replaceAll("''", "'"), { lastValue, isCalled: isCalled === 'true' });
    } else if (opensLargeObject.test(call)) this.#contents.largeObjects += 1;
  }

  #note(text: string): void {
    if (this.#statement.length < longestStatement) this.#statement += text;
  }

  #readBackslash(): void {
    const rest = this.#text.slice(this.#position, this.#position + longestWord);
    const [line = '', word = '', key = ''] = /^\\(restrict|unrestrict) ([A-Za-z0-9]+)(?=\r?\n)/.exec(rest) ?? [];
    const atLineStart = this.#offset === 0 || this.#text[this.#position - 1] === '\n';
    if (word === 'restrict' && atLineStart && !this.#seenStatement && this.#restrictedBy === null) {
      this.#restrictedBy = key;
      this.#omit(line.length);
    } else if (word === 'unrestrict' && atLineStart && key === this.#restrictedBy && !this.#released) {
      this.#released = true;
      this.#omit(line.length);
    } else if (atLineStart && this.#isCutRestriction()) {
      if (this.#restrictedBy === null) this.#closed = false;
      this.#omit(this.#text.length - 1 - this.#position);
    } else {
      this.#closed = false;
      this.#report(/^\\([A-Za-z_]+|[^])/.exec(rest)?.[1] ?? '');
      this.#consume(1);
      this.#state = { name: 'meta-command' };
    }
  }

  /** The last line of a dump that was cut within what pg_dump writes around it is no command of anybody's. */
  #isCutRestriction(): boolean {
    if (!this.#ended) return false;
    const line = this.#text.slice(this.#position, -1);
    const released = `\\unrestrict ${this.#restrictedBy ?? ''}`;
    return '\\restrict '.startsWith(line) || (this.#restrictedBy !== null && released.startsWith(line));
  }

  #omit(length: number): void {
    this.#restriction.push({ offset: this.#offset, length });
    this.#consume(length);
  }

  #readString(): void {
    const end = this.#text.indexOf("'", this.#position);
    this.#consume((end === -1 ? this.#text.length : end + 1) - this.#position);
    if (end === -1) return;
    // With standard_conforming_strings off, the backslash in front would make the quote a part of the string.
    if (this.#text[end - 1] === '\\') this.#doubt();
    // '' closes and opens again, which comes to the same.
    this.#close("'");
  }

  #readEscapeString(): void {
    special.lastIndex = this.#position;
    const found = special.exec(this.#text);
    const [mark, index] = found === null ? ['', this.#text.length] : [found[0], found.index];
    const next = this.#text[index + 1];
    if (next === undefined) {
      this.#consume(index - this.#position);
    } else if (mark === "'" && next !== "'") {
      this.#consume(index + 1 - this.#position);
      this.#close("E'");
    } else this.#consume(index + 2 - this.#position);
  }

  /** Reads up to the end of something quoted; `overlap` characters of that end may stand at the end of this piece. */
  #readUntil(closing: string, overlap: number): void {
    const end = this.#text.indexOf(closing, this.#position);
    const next = end === -1 ? this.#text.length - overlap : end + closing.length;
    this.#consume(Math.max(1, next - this.#position));
    if (end !== -1) this.#close(closing);
  }

  #close(previous: string): void {
    this.#state = { name: 'sql' };
    this.#previous = previous;
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
    if (this.#isBetweenStatements()) this.#readComment(this.#comment);
    this.#comment = '';
  }

  #readComment(comment: string): void {
    const read = readDumpComment(decode(comment));
    if (read === null) return;
    this.#closed = read === 'end';
    if (read === 'end') this.#seenEnd = true;
    else if (read !== 'start') {
      const { entries, owners } = this.#contents;
      if (read.owner !== null) owners.add(read.owner);
      const objects = entries.get(read.type) ?? new Set();
      entries.set(read.type, objects.add(read.object));
    }
  }

  #readBlockComment(state: { name: 'block comment'; depth: number }): void {
    blockMark.lastIndex = this.#position;
    const found = blockMark.exec(this.#text);
    if (found === null) {
      this.#consume(Math.max(1, this.#text.length - 1 - this.#position));
      return;
    }
    this.#consume(found.index + 2 - this.#position);
    state.depth += found[0] === '/*' ? 1 : -1;
    if (state.depth === 0) this.#state = { name: 'sql' };
  }

  /** psql reads rows from the next line on, and goes back to the rest of this one afterwards. */
  #readCopyHeader(): void {
    const character = this.#text[this.#position] ?? '';
    if (!' \t\r\n'.includes(character)) {
      this.#report('text behind COPY … FROM stdin');
      this.#state = { name: 'meta-command' };
      return;
    }
    this.#consume(1);
    if (character !== '\n') return;
    if (this.#filling !== null) this.#filling.line = this.#line;
    this.#state = { name: 'copy', atLineStart: true };
  }

  #readRows(state: { name: 'copy'; atLineStart: boolean }): void {
    const end = state.atLineStart ? /^\\\.\r?\n/.exec(this.#text.slice(this.#position, this.#position + 4)) : null;
    if (end !== null) {
      if (this.#filling !== null) {
        const { table, line } = this.#filling;
        const { rows } = this.#contents;
        rows.set(table, (rows.get(table) ?? 0) + this.#line - line);
        this.#filling = null;
      }
      this.#consume(end[0].length);
      this.#close(';');
      return;
    }
    const next = this.#text.indexOf('\n\\.', this.#position);
    const consumed = next === -1 ? this.#text.length - 2 : next + 1;
    this.#consume(Math.max(1, consumed - this.#position));
    state.atLineStart = next !== -1;
  }

  #consume(length: number): void {
    if (this.#verbatim !== null && this.#verbatim.length < longestCall) {
      this.#verbatim += this.#text.slice(this.#position, this.#position + Math.min(length, longestCall));
    }
    this.#position += length;
    this.#offset += length;
    while (this.#nextLine > 0 && this.#nextLine <= this.#position) {
      this.#line += 1;
      this.#nextLine = this.#text.indexOf('\n', this.#nextLine) + 1;
    }
  }

  #report(command: string): void {
    this.metaCommands.push({ line: this.#line, command });
  }

  #doubt(): void {
    this.#ambiguousLine ??= this.#line;
  }
}

/** Longer than a COPY of 1600 columns with the longest names, all of them to be quoted. */
const longestCall = 1600 * 140;
/** Quotes are those of names. Bytes from 0x80 on are letters. */
const word = String.raw`(?:[A-Za-z_\x80-\xff][\w$\x80-\xff]*|"(?:[^"]|"")+")`;
const copiedTable = new RegExp(String.raw`^ +(${word}(?:\.${word})?)`);
const setsSequence = /^ pg_catalog\.setval\('((?:[^']|'')+)', (-?\d+), (true|false)\);$/;
const opensLargeObject = /^ pg_catalog\.lo_open\(/;

/** From characters of one byte to those of UTF-8. */
function decode(bytes = ''): string {
  return Buffer.from(bytes, 'latin1').toString();
}

const special = /[\\']/g;
const lineEnd = /[\n\r]/g;
const blockMark = /\/\*|\*\//g;

/** As pg_dump writes it, with quoted names as quotation marks. */
const name = String.raw`(?:[A-Za-z_\x80-\xff][\w$\x80-\xff]*|"+)`;
const copyFromStdin = new RegExp(
  String.raw`^ *copy +${name}(?:\.${name})? *(?:\( *${name}(?: *, *${name})* *\) *)? from +stdin *$`,
  'i',
);
