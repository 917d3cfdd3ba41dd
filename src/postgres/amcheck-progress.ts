/** Size of a page as PostgreSQL is built everywhere that packages come from (BLCKSZ). */
const pageBytes = 8192;

/** What pg_amcheck says with --progress and --verbose, once a second and before each relation. See pg_amcheck's documentation. */
export const progressArguments = ['--progress', '--verbose'];

/** How far pg_amcheck has come. */
export interface AmcheckProgress {
  /** What it looks at; null before the first. */
  relation: string | null;
  doneBytes: number;
  totalBytes: number;
}

/** Reads from what pg_amcheck says, in pieces as they come, how far it has come. */
export class AmcheckReader {
  #rest = '';
  #relation: string | null = null;
  #pages = [0, 0];

  see(piece: string): AmcheckProgress {
    const lines = `${this.#rest}${piece}`.split(/[\r\n]/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.#relation = readRelation(line) ?? this.#relation;
      this.#pages = readPages(line) ?? this.#pages;
    }
    const [done = 0, total = 0] = this.#pages;
    return { relation: this.#relation, doneBytes: done * pageBytes, totalBytes: total * pageBytes };
  }
}

/** `pg_amcheck: checking btree index "shop.public.users_pkey"`, and no word of the database. */
function readRelation(line: string): string | null {
  const { kind, name } =
    /^pg_amcheck: checking (?:heap )?(?<kind>table|btree index) "(?<name>.*)"$/.exec(line)?.groups ?? {};
  if (kind === undefined || name === undefined) return null;
  return `${kind === 'table' ? 'table' : 'index'} ${name.slice(name.indexOf('.') + 1).replace(/^public\./, '')}`;
}

/** ` 12/380 relations (3%),  99/1234 pages (8%) (shop)` */
function readPages(line: string): number[] | null {
  const found = /^ *\d+\/\d+ relations \( *\d+%\), +(\d+)\/(\d+) pages \( *\d+%\)/.exec(line);
  return found === null ? null : found.slice(1).map(Number);
}

/** What pg_amcheck has said of what it found, without a word of how far it came. Pure. */
export function withoutProgress(log: string): string {
  return log
    .split(/(?<=[\r\n])/)
    .filter((line) => !isProgress(line.replace(/[\r\n]$/, '')))
    .join('');
}

function isProgress(line: string): boolean {
  return (
    line.trim() === '' ||
    readPages(line) !== null ||
    /^pg_amcheck: (checking|including|in database "[^]*": using) /.test(line)
  );
}
