import { databaseOfFile } from '../../backup/database-of-file.ts';

/** Names that say more than a database and a time; the first group is the database. */
const ofTools = [
  // tiredofit/db-backup: pgsql_shop_db_20260201-030000
  /^pgsql_(.+?)_[^_]+_\d{8}-\d{6}$/i,
  // kartoza/pg-backup: PG_shop.01-February-2026
  /^PG_(.+?)\.\d{1,2}-\w+-\d{4}$/,
  // Coolify: pg-dump-shop-1769914800
  /^pg-dump-(.+?)-\d{10,13}$/,
  // prodrigestivill/postgres-backup-local, by week and month, and its links: shop-202606, shop-latest
  /^(.+?)[-_.](?:20\d\d[0-5]\d|latest|daily|weekly|monthly|last|backup|dump)$/i,
  // autopostgresqlbackup and pg_back: shop_2026-02-09_03h00m.Monday, shop_2026-02-09T03:00:00+01:00
  /^(.+?)_\d{4}-\d{2}-\d{2}[T_]\d{2}[h:-]\d{2}(?:[m:-](?:\d{2})?)?(?:[+-]\d{2}:?\d{2}|Z|\.\w+)?$/,
];

const endings =
  /\.(?:dump|dmp|sql|pgdump|backup|bak|custom|pg|psql|tar|d)(?:\.(?:gz|zst|zstd|xz|bz2|lz4|zip|7z|age|gpg|pgp|enc|asc))*$|\.(?:tar\.gz|tgz)$/i;
const ofOthers = /(?:^|[._-])(?:globals?|roles)(?:[._-]|$)|schema-only|\.(?:manifest\.json|sha256|md5|log)$/i;

/** Whether a file is named for the roles of a server, or lies beside a dump. Pure. */
export function isNoDump(file: string): boolean {
  return ofOthers.test(file);
}

/** Whether a file is named as a dump is. Pure. */
export function isDumpName(file: string): boolean {
  return endings.test(file) && !isNoDump(file);
}

/** The database that the name of a dump says, as far as names say it. Pure. */
export function databaseOfDumpName(file: string): string | null {
  const stem = file.replace(endings, '');
  for (const pattern of ofTools) {
    const name = pattern.exec(stem)?.[1];
    if (name !== undefined) return saysNothing(name) ? null : name;
  }
  const name = databaseOfFile(file);
  return name === null || saysNothing(name) ? null : name;
}

function saysNothing(name: string): boolean {
  return /^(?:backup|dump|latest|db|database|pg_?dump|data|all|pg_?dumpall|full|db_cluster|cloud_sql_export.*|dump-.*-[0-9a-f-]{36})$/i.test(
    name,
  );
}

/** The glob that takes these files and those that will be written beside them: by folder and ending. Pure. */
export function patternOf(paths: readonly string[]): string {
  const found = new Set(paths.map((path) => endings.exec(path)?.[0] ?? ''));
  const isDeep = paths.some((path) => path.includes('/'));
  if (found.has('')) return isDeep ? '**' : '*';
  const [first = '', ...others] = [...found].toSorted();
  const ending = others.length === 0 ? first : `{${[first, ...others].join(',')}}`;
  return `${isDeep ? '**/*' : '*'}${ending}`;
}
