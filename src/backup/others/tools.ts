/** A tool or container that takes dumps, and how it names them. */
interface BackupTool {
  name: string;
  /** Fits the path of a file below the directory of the backups. The group `database` says which database it is of. */
  file: RegExp;
}

/** The time in a name, before any of these is asked, has become this. */
export const timeMark = '<time>';

/** The first that fits names the tool. Names of databases may hold anything, so what stands around them is said exactly. */
export const backupTools: BackupTool[] = [
  { name: 'restore-rehearsal, or its runbook', file: /^(?<database>[^/]+)_<time>\.dump$/ },
  {
    name: 'prodrigestivill/postgres-backup-local',
    file: /^(?:last|daily|weekly|monthly)\/(?<database>[^/]+)-(?:<time>|\d{6}|latest)(?:\.sql\.gz|\.dump|\.sql|\.tar|)(?:\.\w{2,4})?$/,
  },
  // pgsql_DATABASE_HOST_TIME: where the one ends and the other starts, the name does not say.
  {
    name: 'tiredofit/db-backup',
    file: /^(?:.*\/)?(?:latest-)?(?:pgsql|postgres)_(?<words>[^/]+?)(?:_<time>)?\.(?:sql|dump)[^/]*$/,
  },
  { name: 'kartoza/pg-backup', file: /^(?:.*\/)?(?:PG|[A-Za-z0-9]+)_(?<database>[^/]+)\.<time>\.(?:dmp|sql)[^/]*$/ },
  { name: 'eduardolat/pgbackweb', file: /^(?:.*\/)?dump-<time>-[0-9a-f-]{36}\.zip$/ },
  { name: 'Coolify', file: /^(?:.*\/)?pg-dump-(?<database>[^/]+)-<time>\.dmp$/ },
  { name: 'Supabase', file: /^(?:.*\/)?db_cluster-<time>\.(?:backup|sql)(?:\.gz)?$/ },
  { name: 'Google Cloud SQL', file: /^(?:.*\/)?Cloud_SQL_Export_<time>[^/]*$/ },
  { name: 'Heroku', file: /^(?:.*\/)?(?:latest\.dump|[ab]\d{3,})(?:\.\d+)?$/ },
  { name: 'autopostgresqlbackup', file: /^(?:.*\/)?(?<database>[^/]+)_<time>\.[A-Z][a-z]+day\.(?:sql|dump)[^/]*$/ },
  {
    name: 'pg_back, postgres-backup-s3',
    file: /^(?:.*\/)?(?<words>[^/]+)_<time>\.(?:dump|sql|tar|d)(?:\.[a-z0-9]+)*$/,
  },
];

/** What keeps physical backups, by the paths of its files: nothing that is taken here. */
export const physicalTools: BackupTool[] = [
  { name: 'pgBackRest', file: /(?:^|\/)(?:backup|archive)\/(?:[^/]+\/)?(?:backup|archive)\.info(?:\.copy)?$/ },
  { name: 'WAL-G', file: /(?:^|\/)(?:basebackups|wal)_00\d\// },
  { name: 'Barman', file: /(?:^|\/)base\/\d{8}T\d{6}\/backup\.info$/ },
  {
    name: 'pg_basebackup',
    file: /(?:^|\/)(?:base\.tar(?:\.\w+)?|pg_wal\.tar(?:\.\w+)?|backup_manifest|global\/pg_control)$/,
  },
];
