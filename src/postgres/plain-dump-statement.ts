/** A statement, or as much of it as there is use for. */
export interface SqlStatement {
  /** The first words, in lower case. */
  words: string[];
  /** With a quotation mark in place of what is quoted. */
  text: string;
  /** As it stands there, behind its first word, where that is COPY or SELECT; empty for others. */
  verbatim: string;
  /** The table whose rows follow, as SQL names it: of a COPY as pg_dump writes it. Null for anything else. */
  copied: string | null;
  /** How often COPY starts it, or a statement within it. */
  copies: number;
}

/** Puts a statement together from its tokens. */
export class StatementReader {
  readonly #words: string[] = [];
  #text = '';
  /** Behind the first word; null where that is neither COPY nor SELECT. */
  #verbatim: string | null = null;
  #copies = 0;
  #parentheses = 0;
  /** Of BEGIN ATOMIC in the body of a function, within which a semicolon ends no statement. */
  #blocks = 0;

  /** Whether this is within parentheses, or in the body of a function. */
  get isNested(): boolean {
    return this.#parentheses > 0 || this.#blocks > 0;
  }

  /** @param previous the token before that is neither space nor comment */
  add(token: string, previous: string): void {
    if (token === '(') this.#parentheses += 1;
    if (token === ')' && this.#parentheses > 0) this.#parentheses -= 1;
    this.note(token);
    if (/^[a-z_\x80-\xff]/i.test(token)) this.#addWord(token.toLowerCase(), previous);
  }

  /** Adds what is no token: a space, or the mark of something quoted. */
  note(text: string): void {
    if (this.#text.length < longestStatement) this.#text += text;
  }

  /** Adds characters of the text as they stand there, those of quotes and comments, too. */
  addVerbatim(text: string, start: number, length: number): void {
    if (this.#verbatim === null || this.#verbatim.length >= longestCall) return;
    this.#verbatim += text.slice(start, start + Math.min(length, longestCall));
  }

  /** The statement has ended, and the next one begins. */
  end(): SqlStatement {
    const verbatim = this.#verbatim ?? '';
    const copied = copyFromStdin.test(this.#text) ? (copiedTable.exec(verbatim)?.[1] ?? '') : null;
    const statement = { words: [...this.#words], text: this.#text, verbatim, copies: this.#copies, copied };
    this.#words.length = 0;
    this.#text = '';
    this.#verbatim = null;
    this.#copies = 0;
    return statement;
  }

  #addWord(word: string, previous: string): void {
    if (word === 'copy' && previous === ';') this.#copies += 1;
    if (this.#words.length < 4) this.#words.push(word);
    if (this.#words.length === 1 && (word === 'copy' || word === 'select')) this.#verbatim ??= '';
    // As psql does it: in the definition of a function, BEGIN and CASE open a block and END closes one.
    if (this.#parentheses > 0 || !/^create (or replace )?(function|procedure)\b/.test(this.#words.join(' '))) return;
    if (word === 'begin' || (word === 'case' && this.#blocks > 0)) this.#blocks += 1;
    if (word === 'end' && this.#blocks > 0) this.#blocks -= 1;
  }
}

const longestStatement = 256 * 1024;
/** Longer than a COPY of 1600 columns with the longest names, all of them to be quoted. */
const longestCall = 1600 * 140;
/** Quotes are those of names. Bytes from 0x80 on are letters. */
const word = String.raw`(?:[A-Za-z_\x80-\xff][\w$\x80-\xff]*|"(?:[^"]|"")+")`;
const copiedTable = new RegExp(String.raw`^ +(${word}(?:\.${word})?)`);

/** As pg_dump writes it, with quoted names as quotation marks. */
const name = String.raw`(?:[A-Za-z_\x80-\xff][\w$\x80-\xff]*|"+)`;
const copyFromStdin = new RegExp(
  String.raw`^ *copy +${name}(?:\.${name})? *(?:\( *${name}(?: *, *${name})* *\) *)? from +stdin *$`,
  'i',
);
