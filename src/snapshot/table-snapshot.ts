/** The content of one relation. */
export interface TableSnapshot {
  /** `table` in the schema public, else `schema.table`; parts that need it are quoted as in SQL. */
  name: string;
  kind: 'table' | 'partitioned' | 'materialized view' | 'foreign table';
  /** null where it was not read. A partitioned table has the rows of its partitions. */
  rows: number | null;
  /** 32 hexadecimal digits; null where the relation has no rows of its own or was not read. */
  digest: string | null;
  /** Why it was not read; null where it was. */
  notRead: string | null;
  /** Of a table of an extension: only the rows that pg_dump dumps of it were read. Earlier releases read all of them. */
  part?: 'dumped' | undefined;
  /** Of a partition that a hash of the key tells from others: the topmost table above it that is partitioned so. */
  hashedIn?: string | undefined;
  /** Of a materialised view of a source, unless the profile switches it off. */
  query?: ViewQuery | undefined;
}

/** What the query of a materialised view gave in the moment in which the view was read. */
export interface ViewQuery {
  /** null where it was not read, like the digest. */
  rows: number | null;
  digest: string | null;
  notRead: string | null;
  /** The materialised views that it reads. */
  reads: string[];
  /** What lets it give other rows elsewhere, though its tables are the same: functions like now(), an order that nothing fixes. */
  varies: string[];
}
