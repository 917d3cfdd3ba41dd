import { databaseOfFile } from '../../backup/database-of-file.ts';

/** Names that say more than a database and a time; the first group is the database. */
const ofTools = [
  // tiredofit/db-backup: pgsql_shop_db_20260201-030000
  /^pgsql_(.+?)_[^_]+_\d{8}-\d{6}$/i,
  // kartoza/pg-backup: PG_shop.01-February-2026
  /^PG_(.+?)\.\d{1,2}-\w+-\d{4}$/,
  // prodrigestivill/postgres-backup-local, by week and month, and its links: shop-202606, shop-latest
  /^(.+?)[-_.](?:20\d\d[01]\d|latest|daily|weekly|monthly|last|backup|dump)$/i,
  // autopostgresqlbackup and pg_back: shop_2026-02-09_03h00m.Monday, shop_2026-02-09T03:00:00+01:00
  /^(.+?)_\d{4}-\d{2}-\d{2}[T_]\d{2}[h:-]\d{2}(?:[m:-](?:\d{2})?)?(?:[+-]\d{2}:?\d{2}|Z|\.\w+)?$/,
];

const endings =
  /\.(?:dump|dmp|sql|pgdump|backup|bak|custom|pg|psql|tar|d)(?:\.(?:gz|zst|zstd|xz|bz2|lz4|zip|7z|age|gpg|pgp|enc|asc))*$|\.(?:tar\.gz|tgz)$/i;
const ofOthers = /globals|roles|schema-only|\.(?:manifest\.json|sha256|md5|log)$/i;

/** Whether a file is named as a dump is. Pure. */
export function isDumpName(file: string): boolean {
  return endings.test(file) && !ofOthers.test(file);
}

/** The database that the name of a dump says, as far as names say it. Pure. */
export function databaseOfDumpName(file: string): string | null {
  const stem = file.replace(endings, '');
  for (const pattern of ofTools) {
    const name = pattern.exec(stem)?.[1];
    if (name !== undefined) return name;
  }
  const name = databaseOfFile(file);
  return name === null || /^(?:backup|dump|latest|db|database|pg_?dump|data)$/i.test(name) ? null : name;
}
