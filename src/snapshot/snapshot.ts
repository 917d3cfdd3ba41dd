/** Everything we know of a database at one moment. Plain data, so that it can be written down and compared later. */
export interface Snapshot {
  tables: TableSnapshot[];
}

/** The content of one relation that holds rows. */
export interface TableSnapshot {
  /** `table` in the schema public, else `schema.table`; parts that need it are quoted as in SQL. */
  name: string;
  rows: number;
  /** 32 hexadecimal digits, or null for a table whose rows are those of its partitions. See digest-query.ts. */
  digest: string | null;
}
