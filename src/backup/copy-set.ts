import { basename, dirname, join } from 'node:path';
import type { AssessedBackup } from './assess.ts';
import { hashFile, hashFilesOf, sumUp, type NamedHash } from './checksum.ts';
import { readOffsiteDump, readOffsiteFacts } from './offsite-contents.ts';
import type { OffsiteBackup } from './offsite-inventory.ts';
import type { Rclone } from './rclone.ts';
import { writeReceipt, type Receipt } from './receipt.ts';
import { unlessUndecryptable } from './undecryptable.ts';

/** A backup that is not proven to be off-host, for a reason that is its own: others may well be copied. */
export class NotCopied extends Error {}

/** How far the copy of a backup has come. */
export interface CopyProgress {
  stem: string;
  phase: 'sending' | 'reading back';
  bytes: number;
  totalBytes: number;
}

/** A file of a backup, on this side. */
interface LocalFile {
  path: string;
  /** Relative to the destination. */
  name: string;
  sha256: string;
  bytes: number;
}

/**
 * Copies a whole backup to the destination, reads all of it back, and writes the receipt. Files that are there already,
 * whole, are not sent again: a copy that was cut off goes on where it was.
 * @param there what is at the destination under its name
 * @returns how many bytes were sent
 * @throws NotCopied; what rclone's `list` throws
 */
export async function copySet(
  backup: AssessedBackup,
  there: OffsiteBackup | undefined,
  rclone: Rclone,
  report?: (progress: CopyProgress) => void,
): Promise<number> {
  const files = await readLocal(backup);
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = (phase: CopyProgress['phase'], bytes: number) =>
    report?.({ stem: backup.stem, phase, bytes, totalBytes });
  let readBytes = 0;
  const isThere = async ({ name, sha256 }: LocalFile) => {
    const reading = rclone.read(name, (chunk) => {
      progress('reading back', (readBytes += chunk.length));
      return Promise.resolve();
    });
    const hash = await unlessUndecryptable(reading, null);
    return hash?.sha256 === sha256;
  };
  const toSend: LocalFile[] = [];
  for (const file of files) if (there?.files.get(file.name) !== file.bytes || !(await isThere(file))) toSend.push(file);
  if (there !== undefined && toSend.some(({ name }) => there.files.has(name)))
    await assertNoOther(backup, there, rclone);
  let sentBytes = 0;
  for (const file of toSend) {
    const before = sentBytes;
    await rclone.send(file.path, file.name, (bytes) => {
      progress('sending', before + bytes);
    });
    sentBytes += file.bytes;
    if (!(await isThere(file))) {
      throw new NotCopied(
        `${file.name} was sent, but what was read back from ${rclone.destination} differs. It is sent again next time; see what is wrong there if that helps nothing.`,
      );
    }
  }
  await writeReceipt(backup.files.receipt, makeReceipt(backup, files, rclone));
  return sentBytes;
}

/** Hashes all files of a backup. The dump comes last, and its table of contents as the very last: without, it is none. */
async function readLocal({ files, manifest, sha256: known }: AssessedBackup): Promise<LocalFile[]> {
  const directory = dirname(files.dump);
  try {
    const dump = await hashFilesOf(files.dump);
    const { sha256 } = sumUp(dump);
    if (sha256 !== known) {
      throw new NotCopied(
        `the dump here is damaged: its SHA-256 is ${sha256}, and was ${known ?? 'unknown'} when it was taken or copied. Look for a copy elsewhere, and at the disk.`,
      );
    }
    const beside =
      manifest === null ? [] : [...(manifest.globals === null ? [] : [files.globals]), files.checksum, files.manifest];
    const hashes: NamedHash[] = [];
    for (const file of beside) hashes.push({ name: basename(file), ...(await hashFile(file)) });
    const roles = (manifest?.globals ?? null) === null ? undefined : hashes[0]?.sha256;
    if (roles !== manifest?.globals?.sha256) {
      throw new NotCopied(`${basename(files.globals)} is damaged here: it is not what its manifest says.`);
    }
    const inOrder = dump.toSorted((a, b) => Number(isContents(a)) - Number(isContents(b)));
    return [...hashes, ...inOrder].map(({ name, sha256: sum, sizeBytes }) => ({
      path: join(directory, name),
      name,
      sha256: sum,
      bytes: sizeBytes,
    }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new NotCopied(`a file is missing: ${(error as Error).message}`, { cause: error });
  }
}

function isContents({ name }: NamedHash): boolean {
  return name.endsWith('/toc.dat');
}

/** Whatever is wrong here, a good copy of something else is not replaced. */
async function assertNoOther(
  { manifest, sha256 }: AssessedBackup,
  there: OffsiteBackup,
  rclone: Rclone,
): Promise<void> {
  const facts = await unlessUndecryptable(readOffsiteFacts(rclone, there, manifest?.database ?? ''), null);
  if (facts === null || 'problem' in facts || facts.manifest.sha256 === sha256) return;
  const dump = readOffsiteDump(there, (path) => rclone.read(path));
  if ((await unlessUndecryptable(dump, null)) !== facts.manifest.sha256) return;
  throw new NotCopied(
    `${rclone.destination} has another whole backup of that name, taken at ${facts.manifest.takenAt}. Nothing there was touched: rename one of the two, or copy to another place.`,
  );
}

function makeReceipt({ sha256: dump }: AssessedBackup, files: LocalFile[], { destination }: Rclone): Receipt {
  return {
    schemaVersion: 1,
    destination,
    verifiedAt: new Date().toISOString(),
    dump: dump ?? '',
    files: files.map(({ name, sha256, bytes }) => ({ name, sha256, bytes })),
  };
}
