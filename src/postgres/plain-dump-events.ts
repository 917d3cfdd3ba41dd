import type { OnInserted, RowsTarget, SqlStatement } from './plain-dump-statement.ts';

/** What a lexer comes across, in the order of the text. */
export interface LexerEvents {
  /** A word, a mark, or the start of something quoted. */
  onToken: (line: number) => void;
  /** A statement has ended that is followed by no rows. */
  onStatement: (statement: SqlStatement, line: number, range: ByteRange) => void;
  /** The rows of a COPY as pg_dump writes it follow. */
  onCopy: (target: RowsTarget) => void;
  /** A piece of these rows, as they stand there. */
  onRowText: (text: string) => void;
  /** They have ended. */
  onCopied: (count: number) => void;
  onInserted: OnInserted;
  /** A line comment between statements, without its dashes, and whether a carriage return ends it. */
  onComment: (comment: string, hasReturn: boolean) => void;
  /** A backslash outside of quotes. Says how many characters are passed over; 0 for a command of psql, up to the end of its line. */
  onBackslash: (backslash: Backslash) => number;
  /** What no dump holds. */
  onRefused: (what: string, line: number) => void;
  /** Versions or settings of psql read this differently. */
  onDoubt: (line: number) => void;
}

/** Bytes of a dump. */
export interface ByteRange {
  offset: number;
  length: number;
}

export interface Backslash {
  /** From the backslash on: no more than of the longest word. */
  text: string;
  /** Whether that is all there is, up to the end of the dump. */
  isLast: boolean;
  /** In bytes, from the start of the dump. */
  offset: number;
  line: number;
  startsLine: boolean;
}
