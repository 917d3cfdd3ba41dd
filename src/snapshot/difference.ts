/** One difference of a restored database from its source. Nothing in it is a row of data. */
export interface Difference {
  /** Stable: `ROW_COUNT_MISMATCH`, `INDEX_MISSING`, `DATABASE_SETTING_CHANGED` … */
  rule: string;
  severity: 'error' | 'warning';
  object: string;
  expected: string;
  actual: string;
  /** What to do, in one sentence. */
  remedy: string;
  /** Where definitions differ: a unified diff. */
  diff?: string;
}
