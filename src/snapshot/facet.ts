import type pg from 'pg';
import type { Relation } from './catalog.ts';
import type { CheckId, Found, Origin } from './difference.ts';
import type { DigestVersion } from './digest-version.ts';
import type { ViewQuery } from './table-snapshot.ts';

/** Whether owners, privileges and roles are restored, and so are read and compared. */
export type Ownership = 'runbook' | 'preserve';

/** A moment of a database, as a facet reads it. */
export interface Reading {
  /** In a transaction. */
  client: pg.Client;
  ownership: Ownership;
  digestVersion: DigestVersion;
  /** The definitions of this moment, as pg_dump writes them. */
  dumpSchema: () => Promise<string>;
  /** Reads the queries of materialised views, where that is wanted; see view-query.ts. */
  readViews?: ((views: Relation[]) => Promise<Map<number, ViewQuery>>) | undefined;
}

/** One thing that is compared. The checks, the manifest and the coverage follow from the table of them in facets.ts. */
export interface Facet<Part> {
  /** The checks of the evidence that a difference fails. */
  checks: readonly CheckId[];
  /** What a difference speaks against, unless the difference says it itself. */
  origin: Origin;
  /** For the coverage: what was compared, where both sides hold it. */
  covers: string;
  /** Left out unless owners and roles are restored. */
  ownership?: 'preserve';
  read(reading: Reading): Promise<Part>;
  /** @param id the key of the facet. Pure. */
  compare(before: Part, after: Part, id: string): Found[];
}
