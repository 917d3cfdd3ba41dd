import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { findProblemOfAlone, hashAlone, isAlone } from './alone.ts';
import { readChecksum } from './checksum.ts';
import type { BackupFacts } from './daily-backups.ts';
import type { StoredBackup } from './inventory.ts';
import { readManifest, type Manifest } from './manifest.ts';
import { readReceipt, type Receipt } from './receipt.ts';

/** A stored backup, with what its files say of it. */
export interface AssessedBackup extends BackupFacts, StoredBackup {
  /** Null unless it is a whole backup of ours; a dump that comes alone has none. */
  manifest: Manifest | null;
  /** Of all its files. */
  sizeBytes: number;
}

/**
 * Reads what the small files of a backup say, and how large the dump is. The dump itself is not read: that its bytes are
 * the right ones is for a rehearsal, or the copy off-host, to find out.
 */
export async function assessBackup(stored: StoredBackup, database: string): Promise<AssessedBackup> {
  const { files, parts } = stored;
  const [checksum, manifest, receipt] = await Promise.all([
    parts.has('checksum') ? readChecksum(files.checksum, files.dump) : null,
    parts.has('manifest') ? readManifest(files.manifest) : null,
    parts.has('receipt') ? readReceipt(files.receipt) : null,
  ]);
  const sizes = await Promise.all([...parts].map(async (part) => [part, await sizeOf(files[part])] as const));
  const sizeBytes = sizes.reduce((sum, [, size]) => sum + size, 0);
  if (isAlone(parts)) return assessAlone(stored, { database, sizes: new Map(sizes), receipt });
  const sha256 = manifest !== null && !('invalid' in manifest) ? manifest.sha256 : checksum;
  const problem = findProblem(stored, { checksum, manifest, dumpBytes: new Map(sizes).get('dump') ?? 0, database });
  return {
    ...stored,
    problem,
    sha256,
    copiedTo: receipt !== null && receipt.dump === sha256 ? receipt.destination : null,
    manifest: problem === null ? (manifest as Manifest) : null,
    sizeBytes,
  };
}

/** A dump that a person took. What has been counted once is not read again: its receipt has its hash. */
async function assessAlone(
  stored: StoredBackup,
  { database, sizes, receipt }: { database: string; sizes: Map<string, number>; receipt: Receipt | null },
): Promise<AssessedBackup> {
  const bytes = sizes.get('dump') ?? 0;
  const problem = await findProblemOfAlone(stored, { database, bytes });
  const sha256 = problem === null ? await hashAlone(stored.files.dump, bytes, receipt) : null;
  const sizeBytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const copiedTo = receipt !== null && receipt.dump === sha256 ? receipt.destination : null;
  return { ...stored, problem, sha256, copiedTo, manifest: null, sizeBytes };
}

interface Said {
  checksum: string | null;
  manifest: Awaited<ReturnType<typeof readManifest>>;
  dumpBytes: number;
  database: string;
}

/** What keeps a set from being a whole backup, and what to do. */
function findProblem({ files, parts }: StoredBackup, said: Said): string | null {
  const { checksum, manifest, dumpBytes, database } = said;
  const name = basename(files.dump);
  if (!parts.has('dump')) return 'its dump is not here: copy it back from off-host, or delete what is left';
  if (manifest === null) return `no manifest: copy it back, or delete ${name} if nobody needs it`;
  if ('invalid' in manifest) {
    return `its manifest cannot be read (${manifest.invalid})${manifest.isNewer ? '' : ': copy it back from off-host'}`;
  }
  if (checksum === null) return 'no checksum: copy it back from off-host';
  if (checksum !== manifest.sha256) return 'checksum and manifest are of different dumps: copy it back from off-host';
  if (manifest.database !== database) return `its manifest is of the database ${manifest.database}: sort them apart`;
  if (dumpBytes !== manifest.bytes) {
    return `the dump has ${dumpBytes} bytes, its manifest says ${manifest.bytes}: copy it back from off-host`;
  }
  return null;
}

/** The bytes of a file, or of the files of a directory. What has just gone has none. */
async function sizeOf(path: string): Promise<number> {
  try {
    const stats = await lstat(path);
    if (!stats.isDirectory()) return stats.size;
    const sizes = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
