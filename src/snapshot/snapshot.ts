import type { TableSnapshot } from './table-snapshot.ts';
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
