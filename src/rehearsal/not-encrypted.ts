import type { Finding } from '../evidence/schema.ts';
import type { Backup } from '../restore/read-backup.ts';
import type { Drill } from './drill.ts';

/** Who has backups encrypted would not notice otherwise that one is not: it restores all the same. */
export function notEncrypted(drill: Drill, { openedWith, examination }: Backup, file: string): Finding[] {
  const isWanted = drill.profile.backups?.encrypt !== undefined && drill.choices.source === null;
  if (!isWanted || openedWith.length > 0 || examination.findings.length > 0) return [];
  return [
    {
      rule: 'BACKUP_NOT_ENCRYPTED',
      severity: 'warning',
      object: file,
      message: `${file} is not encrypted, and backups.encrypt in the profile says that backups are: whoever has the file can read it.`,
      remedy: `See which job wrote it, and who could read it. This takes one that is encrypted: ${drill.suggest('backup')}`,
    },
  ];
}
