import type { BackupSet } from '../backup/backup-set.ts';
import { examineFiles, type Examination } from '../backup/examine.ts';
import { withSplit } from '../backup/split-files.ts';
import type { BackupFinding } from '../backup/format/backup-finding.ts';
import type { BackupFormat } from '../backup/format/backup-format.ts';
import { undescribed, type DumpDescription } from '../backup/format/dump-description.ts';
import { recogniseFormat, unrecognised } from '../backup/format/formats.ts';
import type { LayerName, ReadLimits } from '../backup/layers/layer.ts';
import type { Opened } from '../backup/encryption/opened.ts';
import { unwrap } from '../backup/layers/unwrap.ts';
import type { DumpFile } from '../postgres/archive-input.ts';

/** A backup whose files have been read. */
export interface Backup {
  set: BackupSet;
  examination: Examination;
  /** What is restored: the dump of the set, or what was inside where something was around it. */
  dump: DumpFile;
  format: BackupFormat;
  /** As the evidence names the format, with what is around it: `plain, compressed with gzip`. */
  formatName: string;
  /** What was around the dump, from the outside in. */
  layers: LayerName[];
  /** Of what is encrypted: for whom, and which key has opened it. */
  openedWith: Opened[];
  /** What has to be mended about the file, though it can be restored. */
  warnings: BackupFinding[];
  description: DumpDescription;
}

/**
 * Reads the files of a backup, and undoes what is around the dump. Whatever is said of it later is said of what was read here.
 * @param directory a private one
 * @throws OperationalError DISK_FULL, BACKUP_CHANGED, TOOL_NOT_STARTED, TOOL_TIMED_OUT or INTERRUPTED
 */
export async function readBackup(set: BackupSet, directory: string, limits: ReadLimits): Promise<Backup> {
  const examined = await examineFiles(set, directory);
  const { inside, layers, opened, warnings, wrong } = await unwrap(examined.dump, directory, limits);
  const { file, head, seal, isDirectory } = inside;
  const format = recogniseFormat({ head, isDirectory });
  const description = wrong === null ? (format?.describe(head) ?? null) : null;
  const name = format === null || description === null ? 'unknown' : format.name;
  return {
    set,
    examination:
      wrong === null ? examined : { ...examined, findings: await withSplit(set.dump, [...examined.findings, wrong]) },
    dump: { file, head, seal },
    format: format ?? unrecognised,
    formatName: [name, ...layers.map(({ tells }) => tells).toReversed()].join(', '),
    layers: layers.map(({ name: layer }) => layer),
    openedWith: opened,
    warnings,
    description: description ?? undescribed,
  };
}
