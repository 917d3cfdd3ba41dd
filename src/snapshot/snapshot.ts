import type { DigestVersion } from './digest-version.ts';
import type { Values } from './state-facet.ts';
import type { StateCategory } from './state-facets.ts';

/** Everything we know of a database at one moment. Plain data, so that it can be written down and compared later. */
export interface Snapshot {
  digestVersion: DigestVersion;
  tables: TableSnapshot[];
  largeObjects: ContentSnapshot;
  sequences: SequenceSnapshot[];
  /** Definitions by object, normalised; see schema-entries.ts. */
  schema: Record<string, SchemaEntry>;
  /** What definitions do not say, by category and object; see state-facets.ts. Some categories go with ownership. */
  state: Partial<Record<StateCategory, Values>>;
  /** Categories that the role it was read with may not see. */
  denied?: StateCategory[];
  /** Of a manifest that a newer release wrote: what is in it and not known here, by name. */
  unknown?: string[];
}

/** What is compared, each by its facet. */
export type Parts = Pick<Snapshot, Exclude<keyof Snapshot, 'digestVersion' | 'state' | 'denied' | 'unknown'>> &
  Record<StateCategory, Values>;

export type FacetId = keyof Parts;

export interface ContentSnapshot {
  rows: number;
  /** 32 hexadecimal digits; see digest-query.ts. */
  digest: string;
}

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

/** A sequence. Sequences stand outside of MVCC: `from` and `to` are readings before and after a dump was taken. */
export interface SequenceSnapshot {
  name: string;
  from: SequenceReading;
  to: SequenceReading;
  increment: string;
  cycles: boolean;
  /** The columns that it feeds, with the value in them that it must not give again; null where there is none. */
  feeds: { column: string; extreme: string | null }[];
}

/** 64-bit numbers, as text. */
export interface SequenceReading {
  lastValue: string;
  isCalled: boolean;
}

/** One object's definition, as pg_dump writes it. */
export interface SchemaEntry {
  /** As pg_dump names it: TABLE, INDEX, FK CONSTRAINT … */
  type: string;
  /** Its name, with its schema unless that is public. */
  object: string;
  definition: string;
}
