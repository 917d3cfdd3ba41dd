import type { DumpText } from './dump-text.ts';
import { needStatement } from './need-statements.ts';
import { RowHash } from './rows-hash.ts';

/** What rows go into, as the dump's SQL names it. */
export interface RowsTarget {
  /** With its schema, unless the dump leaves it to search_path; quoted where SQL wants it. */
  table: string;
  /** The list of columns, without parentheses; null where the dump has none. */
  columns: string | null;
}

/** A statement, or as much of it as there is use for. */
export interface SqlStatement {
  /** The first words, in lower case. */
  words: string[];
  /** With a quotation mark in place of what is quoted. */
  text: string;
  /** As it stands there, behind its first word, where that means something here (see keptWords); empty for others. */
  verbatim: string;
  /** Where the rows that follow go: of a COPY as pg_dump writes it. Null for anything else. */
  copied: RowsTarget | null;
  /** How often COPY starts it, or a statement within it. */
  copies: number;
}

/** Receives a row of an INSERT: its SHA-256, made of its text from behind its opening parenthesis to its closing one. */
export type OnInserted = (target: RowsTarget, sha256: Buffer, sample: string) => void;

/** Puts a statement together from its tokens. */
export class StatementReader {
  readonly #dumpText: DumpText;
  readonly #onInserted: OnInserted;
  readonly #words: string[] = [];
  #text = '';
  /** Behind the first word; null where that is not one of `keptWords`. */
  #verbatim: string | null = null;
  /** Where the rows of this INSERT go; null before its VALUES, and of other statements. */
  #inserted: RowsTarget | null = null;
  /** The row of an INSERT that is being read. */
  #row: RowHash | null = null;
  #copies = 0;
  #parentheses = 0;
  /** Of BEGIN ATOMIC in the body of a function, within which a semicolon ends no statement. */
  #blocks = 0;

  constructor(dumpText: DumpText, onInserted: OnInserted) {
    this.#dumpText = dumpText;
    this.#onInserted = onInserted;
  }

  /** Whether this is within parentheses, or in the body of a function. */
  get isNested(): boolean {
    return this.#parentheses > 0 || this.#blocks > 0;
  }

  /** @param previous the token before that is neither space nor comment */
  add(token: string, previous: string): void {
    if (token === '(') this.#open();
    if (token === ')' && this.#parentheses > 0) this.#close();
    this.note(token);
    if (/^[a-z_\x80-\xff]/i.test(token)) this.#addWord(token.toLowerCase(), previous);
  }

  /** Adds what is no token: a space, or the mark of something quoted. */
  note(text: string): void {
    if (this.#text.length < longestStatement) this.#text += text;
  }

  /** Adds characters of the text as they stand there, those of quotes and comments, too. */
  addVerbatim(text: string, start: number, length: number): void {
    this.#row?.add(text.slice(start, start + length));
    if (this.#verbatim === null || this.#verbatim.length >= longestCall) return;
    this.#verbatim += text.slice(start, start + Math.min(length, longestCall));
  }

  /** The statement has ended, and the next one begins. */
  end(): SqlStatement {
    const verbatim = this.#verbatim ?? '';
    const copied = copyFromStdin.test(this.#text) ? this.#readTarget(copyHead, verbatim) : null;
    const statement = { words: [...this.#words], text: this.#text, verbatim, copies: this.#copies, copied };
    this.#words.length = 0;
    this.#text = '';
    this.#verbatim = null;
    this.#copies = 0;
    this.#inserted = null;
    this.#row = null;
    return statement;
  }

  #open(): void {
    this.#parentheses += 1;
    if (this.#parentheses === 1 && this.#inserted !== null) this.#row = new RowHash();
  }

  #close(): void {
    this.#parentheses -= 1;
    if (this.#parentheses > 0 || this.#row === null || this.#inserted === null) return;
    const { sample } = this.#row;
    this.#onInserted(this.#inserted, this.#row.end(), sample);
    this.#row = null;
  }

  /** From here on, an INSERT holds rows. pg_dump writes DEFAULT VALUES for a table without columns. */
  #startValues(previous: string): void {
    this.#inserted = this.#readTarget(insertHead, this.#verbatim ?? '');
    this.#verbatim = null;
    if (previous.toLowerCase() === 'default') this.#onInserted(this.#inserted, new RowHash().end(), '');
  }

  #readTarget(head: RegExp, verbatim: string): RowsTarget {
    const { table, columns } = head.exec(verbatim)?.groups ?? {};
    const text = this.#dumpText;
    return { table: text.decode(table), columns: columns === undefined ? null : text.decode(columns) };
  }

  #addWord(word: string, previous: string): void {
    if (word === 'copy' && previous === ';') this.#copies += 1;
    if (this.#words.length < 4) this.#words.push(word);
    if (this.#words.length === 1 && keptWords.has(word)) this.#verbatim ??= '';
    if (this.#words.length === 2 && isOther(this.#words)) this.#verbatim = null;
    if (word === 'values' && this.#words[0] === 'insert' && this.#parentheses === 0) this.#startValues(previous);
    // As psql does it: in the definition of a function, BEGIN and CASE open a block and END closes one.
    if (this.#parentheses > 0 || !/^create (or replace )?(function|procedure)\b/.test(this.#words.join(' '))) return;
    if (word === 'begin' || (word === 'case' && this.#blocks > 0)) this.#blocks += 1;
    if (word === 'end' && this.#blocks > 0) this.#blocks -= 1;
  }
}

/** First words of statements whose arguments mean something here. */
const keptWords = new Set(['copy', 'select', 'set', 'insert', 'create', 'comment', 'alter', 'grant']);

/** Of these, only what the server has to have something for. */
function isOther(words: string[]): boolean {
  return ['create', 'comment', 'alter'].includes(words[0] ?? '') && needStatement(words) === null;
}

const longestStatement = 256 * 1024;
/** Longer than a COPY of 1600 columns with the longest names, all of them to be quoted. */
const longestCall = 1600 * 140;
/** Quotes are those of names. Bytes from 0x80 on are letters. */
const word = String.raw`(?:[A-Za-z_\x80-\xff][\w$\x80-\xff]*|"(?:[^"]|"")+")`;
const target = String.raw`(?<table>${word}(?:\.${word})?) *(?:\( *(?<columns>${word}(?: *, *${word})*) *\) *)?`;
const copyHead = new RegExp(String.raw`^ +${target}`);
const insertHead = new RegExp(String.raw`^ +into +${target}`, 'i');

/** As pg_dump writes it, with quoted names as quotation marks. */
const name = String.raw`(?:[A-Za-z_\x80-\xff][\w$\x80-\xff]*|"+)`;
const copyFromStdin = new RegExp(
  String.raw`^ *copy +${name}(?:\.${name})? *(?:\( *${name}(?: *, *${name})* *\) *)? from +stdin *$`,
  'i',
);
