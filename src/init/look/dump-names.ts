/** Names of dumps that common tools write; the first group is the database. None of them is ours. */
const patterns = [
  // pg_dump in a runbook, cron lines, barman-like names: shop_20260209T094803Z.dump, shop-2026-02-09.sql.gz, shop_2026-02-09_03-00-00.dump
  /^(.+?)[-_.](?:\d{4}-?\d{2}-?\d{2})(?:[T_-]?\d{2}[-:_h]?\d{2}(?:[-:_m]?\d{2})?s?Z?)?$/i,
  // prodrigestivill/postgres-backup-local by week and month, and its links: shop-202606, shop-202609, shop-latest
  /^(.+?)[-_.](?:\d{6}|latest|daily|weekly|monthly|last|backup|dump)$/i,
  // tiredofit/db-backup: pgsql_shop_db_20260201-030000
  /^pgsql_(.+?)_[^_]+_\d{8}-\d{6}$/i,
  // kartoza/pg-backup: PG_shop.01-February-2026
  /^PG_(.+?)\.\d{1,2}-\w+-\d{4}$/,
  // pg_back and autopostgresqlbackup: shop_2026-02-09T03:00:00+01:00, shop_2026-02-09_03h00m.Monday
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
  for (const pattern of [patterns[2], patterns[3], patterns[0], patterns[4], patterns[1]]) {
    const name = pattern?.exec(stem)?.[1];
    if (name !== undefined) return name;
  }
  return /^(?:backup|dump|latest|db|database|postgres|pg_?dump|data)?$/i.test(stem) || /^\d/.test(stem) ? null : stem;
}
