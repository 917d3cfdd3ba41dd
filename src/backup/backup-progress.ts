/** What there is of a backup so far. */
export interface BackupProgress {
  sizeBytes: number;
  /** The table that is being dumped. */
  table: string | null;
  /** The dump is there; what it holds is still being read. */
  isDumped: boolean;
}
