import type { Backslash, ByteRange } from './plain-dump-events.ts';
import { LeftOutFinder } from './plain-dump-left-out.ts';
import type { SqlStatement } from './plain-dump-statement.ts';

export interface MetaCommand {
  line: number;
  /** Without its backslash. */
  command: string;
}

/** Notes what psql would do with a dump besides handing it to the server, and what versions of psql read differently. */
export class CommandFinder {
  /** Commands of psql, and what else no dump holds. Never their arguments. */
  readonly metaCommands: MetaCommand[] = [];
  /** What pg_dump writes that is not for the database that is restored into. */
  readonly leftOut = new LeftOutFinder();
  /** Lines for psql that pg_dump itself writes: `\restrict`, `\unrestrict`, and how --create gets into the new database. */
  readonly #ownLines: ByteRange[] = [];
  /** The first line that psql may read otherwise, depending on settings and version; null for none. */
  ambiguousLine: number | null = null;
  #restrictedBy: string | null = null;
  #released = false;
  #connect: string | null = null;
  #seenStatement = false;

  /** How far what pg_dump writes around a dump has been read: nothing, `\restrict`, or its `\unrestrict`. */
  get restrictionState(): 'none' | 'open' | 'ended' {
    if (this.#restrictedBy === null) return 'none';
    return this.#released ? 'ended' : 'open';
  }

  /** What is never run, in its order: lines of pg_dump for psql, and statements about the database itself. */
  get neverRun(): ByteRange[] {
    return [...this.#ownLines, ...this.leftOut.ofDatabase].toSorted((a, b) => a.offset - b.offset);
  }

  /** Behind the end of a dump another one begins, which may have a \restrict of its own. */
  startAnother(): void {
    if (this.restrictionState === 'open') return;
    this.#restrictedBy = null;
    this.#released = false;
    this.#seenStatement = false;
  }

  report(command: string, line: number): void {
    this.metaCommands.push({ line, command });
  }

  doubt(line: number): void {
    this.ambiguousLine ??= line;
  }

  readToken(line: number): void {
    this.#seenStatement = true;
    if (this.#released) this.report('text behind \\unrestrict', line);
    this.#released = false;
  }

  /** psql takes what follows for rows, and nobody but the server knows where they end. */
  readStatement(statement: SqlStatement, line: number, range: ByteRange): void {
    this.leftOut.readStatement(statement, range);
    const { copies, text } = statement;
    if (copies > 0 && /\b(?:stdin|stdout)\b/i.test(text)) this.report('another COPY than pg_dump’s', line);
  }

  /** The length of what pg_dump itself has written here; 0 for a command. */
  readBackslash({ text, offset, line, startsLine, isLast }: Backslash): number {
    const [written = '', word = '', key = ''] = /^\\(restrict|unrestrict) ([A-Za-z0-9]+)(?=\r?\n)/.exec(text) ?? [];
    let length = written.length;
    if (word === 'restrict' && startsLine && !this.#seenStatement && this.#restrictedBy === null) {
      this.#restrictedBy = key;
    } else if (
      word === 'restrict' &&
      startsLine &&
      key === this.#restrictedBy &&
      this.#released &&
      this.#connect !== null
    ) {
      this.#released = false;
    } else if (word === 'unrestrict' && startsLine && key === this.#restrictedBy && !this.#released) {
      this.#released = true;
    } else if (startsLine && isLast && this.#isCutRestriction(text.slice(0, -1))) {
      length = text.length - 1;
    } else if (startsLine && this.#isConnect(text)) {
      length = text.indexOf('\n');
    } else {
      this.report(/^\\([A-Za-z_]+|[^])/.exec(text)?.[1] ?? '', line);
      return 0;
    }
    this.#ownLines.push({ offset, length });
    return length;
  }

  /** The last line of a dump that was cut within what pg_dump writes around it is no command. */
  #isCutRestriction(line: string): boolean {
    const released = `\\unrestrict ${this.#restrictedBy ?? ''}`;
    return '\\restrict '.startsWith(line) || (this.#restrictedBy !== null && released.startsWith(line));
  }

  /** How --create gets into the database that it has created, as pg_dump writes it: always the same one. */
  #isConnect(text: string): boolean {
    if (!this.leftOut.createsDatabase) return false;
    if (/^\\encoding SQL_ASCII\r?\n/.test(text)) return true;
    const [line] = /^\\connect (?:[a-z_][a-z0-9_]*|-reuse-previous=on "dbname='[^\r\n]*'")(?=\r?\n)/.exec(text) ?? [];
    if (line === undefined || (this.#connect !== null && this.#connect !== line)) return false;
    this.#connect = line;
    return true;
  }
}
