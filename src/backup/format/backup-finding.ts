/** Something that is wrong with a backup, seen without restoring it. */
export interface BackupFinding {
  /** Stable, like the rules of findings. */
  rule: string;
  message: string;
  remedy: string;
}
