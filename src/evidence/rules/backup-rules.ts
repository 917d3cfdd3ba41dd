import type { RuleTexts } from './rule.ts';

/** Of a backup as a file, and of what lies beside it. */
export const backupRules = {
  NO_BACKUP: [
    'There is no backup to rehearse, or none that is whole.',
    'The backup job did not run, or writes elsewhere or under other names.',
    'Take one with `backup`, or name a dump with `--backup FILE`. The message lists what lies there.',
  ],
  BACKUP_WITHOUT_MANIFEST: [
    'The newest backup is a dump alone, beside backups that have a manifest. It was compared with its own content.',
    'Somebody took it by hand, with the command of the runbook; or its manifest and checksum were lost.',
    'Nothing, if it was taken by hand. `backup` takes one whose source is known.',
  ],
  BACKUP_NOT_ENCRYPTED: [
    'The backup can be read by anybody who has the file, though the profile has backups encrypted.',
    'It was taken before `backups.encrypt` was set, by another command, or by a machine whose profile lacks it.',
    'Take backups with `backup`, or encrypt where they are taken; then see who could read this one, and remove it.',
  ],
  BACKUP_INCOMPLETE: [
    'A backup that is newer than the one that was rehearsed has not all of its files.',
    'A backup job or a copy was interrupted, or is at work.',
    'See whether a job is running. If not, remove what it left and find out why it ended.',
  ],
  BACKUP_STALE: [
    'The newest backup is older than `objectives.rpo`.',
    'The backup job fails or does not run.',
    'Look at the job, and take a backup now.',
  ],
  BACKUP_UNCHANGED: [
    'The backup is the one of the last drill, though a new one was due.',
    'The backup job does not run, or its copies do not arrive here.',
    'Look at the job and at the way of the copies.',
  ],
  BACKUP_OF_ANOTHER_DATABASE: [
    'The dump is of another database than the profile’s.',
    'The wrong file, or the wrong profile.',
    'Name the right dump with `--backup`, or the right profile with `--config`.',
  ],
  CHECKSUM_MISMATCH: [
    'The bytes of the dump are not those of its checksum.',
    'A copy was cut off, a disk is failing, or somebody changed the file.',
    'Copy it again from off-host storage, or use another backup.',
  ],
  CHECKSUM_MISSING: [
    'The backup has a manifest, and no checksum.',
    'The file was not copied along, or was removed.',
    'Copy all files of a backup. The manifest holds the same hash, so that the dump is checked all the same.',
  ],
  MANIFEST_INVALID: [
    'The manifest cannot be read.',
    'It was cut off or edited.',
    'Copy it again from off-host storage, or use another backup.',
  ],
  MANIFEST_MISMATCH: [
    'Manifest and dump do not belong together.',
    'Files of different backups have been mixed, or the dump was changed.',
    'Copy all files of one backup again.',
  ],
  MANIFEST_NEWER: [
    'The manifest was written by a newer release, which knows more than this one.',
    'The harness here is older than the one that takes backups.',
    'Update the harness here.',
  ],
  DIGEST_OUTDATED: [
    'The manifest has digests of an earlier kind, which cannot be compared any more.',
    'The backup was taken by an earlier release.',
    'Nothing for this backup: row counts and definitions are compared. New backups have new digests.',
  ],
  GLOBALS_MISSING: [
    'The file with the roles of the server is not there.',
    'It was not copied along, or was removed.',
    'Copy all files of a backup.',
  ],
  GLOBALS_MISMATCH: [
    'The file with the roles is not the one that was backed up.',
    'It was changed, or is of another backup.',
    'Copy it again from off-host storage.',
  ],
  GLOBALS_REFUSED: [
    'The file with the roles holds something else than roles and their memberships.',
    'It was edited, or written by another program. What it holds would be run by a superuser.',
    'Take the file of a backup, or remove what the message names.',
  ],
  OFFSITE_COPY_DAMAGED: [
    'The copy off-host has other bytes than were copied there.',
    'Somebody changes files there, or the store is failing.',
    'Remove its receipt (`.offsite.json`), find out what changes files there, and copy it again with `offsite`.',
  ],
  RPO_EXCEEDED: [
    'The newest restored data is older than `objectives.rpo`.',
    'Backups are too rare for the objective, or the newest ones fail.',
    'Take backups more often, or mend the job.',
  ],
  TABLE_SHRANK: [
    'A table lost more rows than `volume` allows since the last backup that was verified.',
    'Somebody deleted rows, or the backup is of the wrong server.',
    'Look at the table before older backups go. Where it is right, raise `volume.tables` for it.',
  ],
  DATA_STALE: [
    'The newest row is older than `freshness` allows, though the backup is new.',
    'The backup is of a replica that has stopped, or the application does not write.',
    'Look at the replication of the server that is backed up.',
  ],
  FRESHNESS_NOT_PLAUSIBLE: [
    'The query of `freshness` gives no time, or one after the backup.',
    'The query is wrong, the table is empty, or a clock is wrong.',
    'Mend the query. It has to give one `timestamptz`.',
  ],
} as const satisfies RuleTexts;
