/** The parts of a backup, by what the names of their files end with. */
export const backupParts = {
  dump: '.dump',
  manifest: '.manifest.json',
  checksum: '.sha256',
  globals: '.globals.sql',
  receipt: '.offsite.json',
} as const;

export type BackupPart = keyof typeof backupParts;

/** What the name of a file says, where it is one of a backup of ours. */
export interface BackupName {
  /** What all files of the backup have in common: `shop_20260209T094803Z`. */
  stem: string;
  part: BackupPart;
  /** The moment of the dump, to the second. */
  takenAt: Date;
}

/** The name that the files of a backup have in common: `<database>_<YYYYMMDDTHHMMSSZ>`, in UTC, as in the runbook. Pure. */
export function backupStem(database: string, takenAt: Date): string {
  return `${backupPrefix(database)}${backupStamp(takenAt)}`;
}

/** What the names of all files of a database's backups start with: letters, digits, dots, dashes and underscores. Pure. */
export function backupPrefix(database: string): string {
  return `${fileSafe(database)}_`;
}

/** Whether another database has the same name as this one in the names of files: `a b` and `a_b`. Pure. */
export function isNamesake(other: string, database: string): boolean {
  return other !== database && backupPrefix(other) === backupPrefix(database);
}

/** A moment as it stands in names, to the second: `20260209T094803Z`. Pure. */
export function backupStamp(moment: Date): string {
  return moment.toISOString().replace(/\.\d+|[-:]/g, '');
}

/** Reads the name of a file; null where it is none of a backup of this database. The file's own times play no part. Pure. */
export function parseBackupName(file: string, database: string): BackupName | null {
  const prefix = backupPrefix(database);
  if (!file.startsWith(prefix)) return null;
  const [, stamp = '', suffix] = /^(\d{8}T\d{6}Z)(\..*)$/s.exec(file.slice(prefix.length)) ?? [];
  const part = parts.find((each) => backupParts[each] === suffix);
  const takenAt = parseStamp(stamp);
  return part === undefined || takenAt === null ? null : { stem: `${prefix}${stamp}`, part, takenAt };
}

const parts = Object.keys(backupParts) as BackupPart[];

function parseStamp(stamp: string): Date | null {
  const time = new Date(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z'));
  // 20260231T000000Z would be taken for a day in March.
  const isReal = !Number.isNaN(time.getTime()) && backupStamp(time) === stamp;
  return isReal ? time : null;
}

/** A database may have any name; a file must not leave its directory for it, nor hide. */
export function fileSafe(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]/gu, '_').replace(/^\.+/, '_');
}
