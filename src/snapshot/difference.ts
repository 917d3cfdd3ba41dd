/** The checks of the evidence that a comparison makes. */
export type CheckId = 'row-counts' | 'content' | 'large-objects' | 'sequences' | 'definitions' | 'state';

/**
 * What a difference speaks against: the backup; the server, which has its own; nothing, where a restore computes it anew; the
 * backup, unless another major version of PostgreSQL prints or ships it otherwise.
 */
export type Origin = 'backup' | 'server' | 'derived' | 'version';

/** One difference of a restored database from its source. Nothing in it is a row of data. */
export interface Difference {
  /** Stable: `ROW_COUNT_MISMATCH`, `INDEX_MISSING`, `DATABASE_SETTING_CHANGED` … */
  rule: string;
  kind: 'missing' | 'unexpected' | 'changed';
  /** Those that it fails, unless it is weighed down. */
  checks: readonly CheckId[];
  origin: Origin;
  severity: 'error' | 'warning';
  object: string;
  expected: string;
  actual: string;
  /** What to do, in one sentence. */
  remedy: string;
  /** Whether a profile may tolerate it: it is not in any dump, and so nothing that another backup would mend. */
  isTolerable?: boolean;
  /** In place of one from what was expected and what is there. */
  message?: string;
  /** Where definitions differ: a unified diff. */
  diff?: string;
  /** Where definitions differ: the key of the entry in the schema of both snapshots. */
  entry?: string;
}

/** A difference as a facet finds it: what it does not say of checks and origin, its facet says. */
export type Found = Omit<Difference, 'checks' | 'origin'> & Partial<Pick<Difference, 'checks' | 'origin'>>;
