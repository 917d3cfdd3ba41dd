import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { BackupSet } from '../backup/backup-set.ts';
import { examineFiles, type Examination } from '../backup/examine.ts';
import type { BackupFormat } from '../backup/format/backup-format.ts';
import type { Compression, CompressionName, DecompressionLimits } from '../backup/format/compression.ts';
import { recogniseCompression } from '../backup/format/compressions.ts';
import type { BackupFinding } from '../backup/format/backup-finding.ts';
import { decompressDump } from '../backup/format/decompress.ts';
import { undescribed, type DumpDescription } from '../backup/format/dump-description.ts';
import { recogniseFormat, unrecognised } from '../backup/format/formats.ts';
import type { DumpFile } from '../postgres/archive-input.ts';

/** A backup whose files have been read. */
export interface Backup {
  set: BackupSet;
  examination: Examination;
  /** What is restored: the dump of the set, or what was inside where it was compressed as a whole. */
  dump: DumpFile;
  format: BackupFormat;
  /** As the evidence names the format. */
  formatName: string;
  /** What it was compressed with as a whole; null where it was not. */
  compression: CompressionName | null;
  description: DumpDescription;
}

/** A backup that cannot be opened: nothing can be said of what is inside. */
export interface UnreadableBackup {
  set: BackupSet;
  examination: Examination;
  unreadable: BackupFinding;
}

/**
 * Reads the files of a backup, and undoes a compression of the whole. Whatever is said of it later is said of what was read here.
 * @param directory a private one
 * @throws OperationalError DISK_FULL, BACKUP_CHANGED, TOOL_NOT_STARTED, TOOL_TIMED_OUT or INTERRUPTED
 */
export async function readBackup(
  set: BackupSet,
  directory: string,
  limits: DecompressionLimits,
): Promise<Backup | UnreadableBackup> {
  const examination = await examineFiles(set, directory);
  const { head, isDirectory } = examination.dump;
  const compression = isDirectory ? null : recogniseCompression(head);
  if (compression === null) return describe(set, examination, examination.dump, isDirectory, null);
  const target = join(directory, `${randomUUID()}.decompressed`);
  const opened = await decompressDump(examination.dump, compression, target, limits);
  if ('rule' in opened) return { set, examination, unreadable: opened };
  return describe(set, examination, opened, false, compression);
}

function describe(
  set: BackupSet,
  examination: Examination,
  { file, head, seal }: DumpFile,
  isDirectory: boolean,
  compression: Compression | null,
): Backup {
  const format = recogniseFormat({ head, isDirectory });
  const description = format?.describe(head) ?? null;
  return {
    set,
    examination,
    dump: { file, head, seal },
    format: format ?? unrecognised,
    formatName: format === null || description === null ? 'unknown' : format.name,
    compression: compression?.name ?? null,
    description: description ?? undescribed,
  };
}
