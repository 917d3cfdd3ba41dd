import type { Backslash } from './plain-dump-events.ts';
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
  /** Lines that pg_dump itself writes around a dump, `\restrict` and `\unrestrict`: in bytes. */
  readonly restriction: { offset: number; length: number }[] = [];
  /** The first line that psql may read otherwise, depending on settings and version; null for none. */
  ambiguousLine: number | null = null;
  #restrictedBy: string | null = null;
  #released = false;
  #seenStatement = false;

  /** How far what pg_dump writes around a dump has been read: nothing, `\restrict`, or its `\unrestrict`. */
  get restrictionState(): 'none' | 'open' | 'ended' {
    if (this.#restrictedBy === null) return 'none';
    return this.#released ? 'ended' : 'open';
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
  readStatement({ copies, text }: SqlStatement, line: number): void {
    if (copies > 0 && /\b(?:stdin|stdout)\b/i.test(text)) this.report('another COPY than pg_dump’s', line);
  }

  /** The length of what pg_dump itself has written here; 0 for a command. */
  readBackslash({ text, offset, line, startsLine, isLast }: Backslash): number {
    const [written = '', word = '', key = ''] = /^\\(restrict|unrestrict) ([A-Za-z0-9]+)(?=\r?\n)/.exec(text) ?? [];
    let length = written.length;
    if (word === 'restrict' && startsLine && !this.#seenStatement && this.#restrictedBy === null) {
      this.#restrictedBy = key;
    } else if (word === 'unrestrict' && startsLine && key === this.#restrictedBy && !this.#released) {
      this.#released = true;
    } else if (startsLine && isLast && this.#isCutRestriction(text.slice(0, -1))) {
      length = text.length - 1;
    } else {
      this.report(/^\\([A-Za-z_]+|[^])/.exec(text)?.[1] ?? '', line);
      return 0;
    }
    this.restriction.push({ offset, length });
    return length;
  }

  /** The last line of a dump that was cut within what pg_dump writes around it is no command. */
  #isCutRestriction(line: string): boolean {
    const released = `\\unrestrict ${this.#restrictedBy ?? ''}`;
    return '\\restrict '.startsWith(line) || (this.#restrictedBy !== null && released.startsWith(line));
  }
}
