import { join } from 'node:path';
import { readHead } from '../system/read-head.ts';
import { headBytes } from '../system/seal.ts';
import type { BackupPart } from './backup-name.ts';
import { hashDump } from './checksum.ts';
import { findEncryption } from './format/encrypted.ts';
import { recogniseFormat } from './format/formats.ts';
import type { StoredBackup } from './inventory.ts';
import { recogniseLayer } from './layers/layers.ts';
import { namedDatabase } from './named-database.ts';
import type { Receipt } from './receipt.ts';

/**
 * Whether a dump has nothing beside it that a backup of ours has: a person took it, with the runbook's own command. Ours give the
 * dump its name last, so that one of ours that was interrupted never looks like this. Pure.
 */
export function isAlone(parts: ReadonlySet<BackupPart>): boolean {
  return parts.has('dump') && !(['manifest', 'checksum', 'globals'] as const).some((part) => parts.has(part));
}

/** What keeps such a dump from being counted, and what to do; null for one that starts as a dump does. */
export async function findProblemOfAlone(
  { files, parts }: Pick<StoredBackup, 'files' | 'parts'>,
  { database, bytes }: { database: string; bytes: number },
): Promise<string | null> {
  if (bytes === 0) return 'it is empty: see why the backup job wrote nothing, and delete it';
  const named = await namedDatabase(files, parts);
  if (named !== null && named !== database) return `it is a dump of the database ${named}: sort them apart`;
  const file = await readHead(files.dump, headBytes).catch(() => null);
  const head = file ?? (await readHead(join(files.dump, 'toc.dat'), headBytes).catch(() => Buffer.alloc(0)));
  const isKnown =
    recogniseFormat({ head, isDirectory: file === null }) !== null ||
    recogniseLayer(head) !== null ||
    findEncryption(head) !== null;
  return isKnown ? null : 'it does not start as a dump does: name it with --backup, which says what it is';
}

/** Its SHA-256: as the receipt of its copy says it, as long as the size is the same; else it is read. */
export async function hashAlone(dump: string, bytes: number, receipt: Receipt | null): Promise<string> {
  const known = receipt?.files.reduce((sum, file) => sum + file.bytes, 0);
  return receipt !== null && known === bytes ? receipt.dump : (await hashDump(dump)).sha256;
}
