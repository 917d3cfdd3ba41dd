import type { ByteRange } from './plain-dump-events.ts';
import type { SqlStatement } from './plain-dump-statement.ts';

/** What of a plain dump is not for the database that it is restored into, as pg_restore leaves it out of an archive. */
export class LeftOutFinder {
  /** Owners and privileges: what `pg_restore --no-owner --no-privileges` leaves out. */
  readonly ownership: ByteRange[] = [];
  /** The database itself: what pg_restore only does with --create. */
  readonly #ofDatabase: ByteRange[] = [];
  #created = 0;

  /** Whether pg_dump was told to create the database (--create). */
  get createsDatabase(): boolean {
    return this.#created === 1;
  }

  /** Statements about the database itself; none where the dump does not create it. */
  get ofDatabase(): ByteRange[] {
    return this.createsDatabase ? this.#ofDatabase : [];
  }

  readStatement({ words, text }: SqlStatement, range: ByteRange): void {
    const start = words.join(' ');
    if (/^create database\b/.test(start)) this.#created += 1;
    if (/^(?:create|drop|alter) database\b|^comment on database\b/.test(start) || onDatabase.test(text)) {
      this.#ofDatabase.push(range);
    } else if (
      /^(?:alter default privileges|set session authorization)\b/.test(start) ||
      onObject.test(text) ||
      givesAway(text)
    ) {
      this.ownership.push(range);
    }
  }
}

/** No dump of one database holds a GRANT of a role: that is left to the server to refuse. */
const onObject = /^ *(?:grant|revoke) [^]*? on /i;
const onDatabase = /^ *(?:(?:grant|revoke|security label) [^]*?\bon database |alter role [^ ]+ +in database )/i;

function givesAway(text: string): boolean {
  return /^ *alter /i.test(text) && /\bowner to [^ ]+ *$/i.test(text);
}
