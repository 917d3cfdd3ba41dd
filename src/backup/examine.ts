import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { BackupFinding } from './format/backup-finding.ts';
import type { BackupSet } from './backup-set.ts';
import { hashText, readChecksum } from './checksum.ts';
import { assertNotNewer, readManifest, type Manifest } from './manifest.ts';
import { sealDump, type SealedDump } from './seal-dump.ts';

/** What the files of a backup say before it is restored. They are read once: what is done later is done with this. */
export interface Examination {
  findings: BackupFinding[];
  manifest: Manifest | null;
  /** The roles that were kept beside the dump; null where none were. */
  globals: string | null;
  dump: SealedDump;
  sha256: string;
  sizeBytes: number;
}

const again = 'Copy the backup again from off-host storage, and find out who changed it.';

/**
 * Reads the files of a backup: what kind of file the dump is, and whether its bytes are those that were backed up.
 * @param directory a private one, for what has to be copied to stay what it is
 * @throws OperationalError DISK_FULL, MANIFEST_TOO_NEW
 */
export async function examineFiles(set: BackupSet, directory: string): Promise<Examination> {
  const [dump, checksum, manifest, globals] = await Promise.all([
    sealDump(set.dump, directory),
    readChecksum(set.checksum, set.dump),
    readManifest(set.manifest),
    readText(set.globals),
  ]);
  assertNotNewer(manifest, basename(set.manifest));
  const { sha256, sizeBytes } = dump;
  const known = manifest !== null && !('invalid' in manifest) ? manifest : null;
  // A dump that somebody else took comes alone.
  const isAlone = checksum === null && manifest === null;
  const findings = [
    emptyDump(set, dump),
    isAlone ? null : checksumFinding(set, sha256, checksum),
    manifest !== null && 'invalid' in manifest ? invalidManifest(set, manifest.invalid) : null,
    known === null ? null : globalsFinding(set, globals, known),
    known !== null && known.sha256 !== sha256 ? otherManifest(set, known, { sha256, sizeBytes }) : null,
  ];
  return {
    findings: findings.filter((finding) => finding !== null),
    manifest: known,
    globals,
    dump,
    sha256,
    sizeBytes,
  };
}

async function readText(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
}

/** What a directory holds, its table of contents says, and that is read by pg_restore. */
function emptyDump({ dump }: BackupSet, { isDirectory, sizeBytes }: SealedDump): BackupFinding | null {
  if (isDirectory || sizeBytes > 0) return null;
  return {
    rule: 'ARCHIVE_EMPTY',
    message: `The dump ${basename(dump)} is empty.`,
    remedy: 'See why the backup job wrote nothing: its disk may have been full, or pg_dump may have failed in a pipe.',
  };
}

function checksumFinding(set: BackupSet, sha256: string, checksum: string | null): BackupFinding | null {
  if (checksum === sha256) return null;
  if (checksum === null) {
    return {
      rule: 'CHECKSUM_MISSING',
      message: `There is no checksum of ${basename(set.dump)}: ${basename(set.checksum)} is missing, or holds none.`,
      remedy: 'Copy all files of a backup, not the dump alone.',
    };
  }
  return {
    rule: 'CHECKSUM_MISMATCH',
    message: `The dump ${basename(set.dump)} has the SHA-256 ${sha256}, its checksum file says ${checksum}.`,
    remedy: again,
  };
}

function globalsFinding(
  { globals: file }: BackupSet,
  text: string | null,
  { globals }: Manifest,
): BackupFinding | null {
  if (globals === null) return null;
  const actual = text === null ? null : hashText(text);
  if (actual === globals.sha256) return null;
  return {
    rule: actual === null ? 'GLOBALS_MISSING' : 'GLOBALS_MISMATCH',
    message: `The roles in ${basename(file)} ${actual === null ? 'are missing' : `have the SHA-256 ${actual}`}; the manifest says ${globals.sha256}.`,
    remedy: again,
  };
}

function invalidManifest({ manifest }: BackupSet, reason: string): BackupFinding {
  return {
    rule: 'MANIFEST_INVALID',
    message: `The manifest ${basename(manifest)} cannot be read (${reason}).`,
    remedy: again,
  };
}

function otherManifest(
  { dump, manifest }: BackupSet,
  { sha256, bytes, takenAt }: Manifest,
  actual: { sha256: string; sizeBytes: number },
): BackupFinding {
  return {
    rule: 'MANIFEST_MISMATCH',
    message: `The manifest ${basename(manifest)} is of a dump of ${takenAt} with ${bytes} bytes and SHA-256 ${sha256}; ${basename(dump)} has ${actual.sizeBytes} bytes and SHA-256 ${actual.sha256}.`,
    remedy: 'Dump and manifest are of different backups: copy both again from off-host storage.',
  };
}
