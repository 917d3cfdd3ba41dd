import { readFile, writeFile } from 'node:fs/promises';
import { hashFile, writeChecksum } from '../../backup/checksum.ts';
import { readManifest, writeManifest, type Manifest } from '../../backup/manifest.ts';
import type { BackupCopy } from './backup-copy.ts';
import { readArchiveLayout, type ArchiveLayout } from './archive-layout.ts';

/** What becomes of the bytes of an archive. */
export type Change = (archive: Buffer, layout: ArchiveLayout) => Buffer;

/** Changes the archive of a copy, and nothing beside it: its checksum no longer fits. */
export async function changeArchive(copy: BackupCopy, change: Change): Promise<void> {
  const { dump } = copy.set;
  const archive = await readFile(dump);
  await writeFile(dump, change(archive, readArchiveLayout(archive)));
}

/** Gives a copy the checksum and manifest of the bytes that it has, as if they had never been others. */
export async function seal(copy: BackupCopy): Promise<void> {
  const { set } = copy;
  const { sha256, sizeBytes } = await hashFile(set.dump);
  await writeChecksum(set.checksum, sha256, set.dump);
  // No manifest is ever written for an empty dump.
  await changeManifest(copy, (manifest) => ({ ...manifest, sha256, bytes: Math.max(sizeBytes, 1) }));
}

export async function changeManifest(copy: BackupCopy, change: (manifest: Manifest) => Manifest): Promise<void> {
  const path = copy.set.manifest;
  const manifest = await readManifest(path);
  if (manifest === null || 'invalid' in manifest) throw new Error('The copy has no manifest that could be changed.');
  await writeManifest(path, change(manifest));
}

/** Flips all bits of one byte. */
export function flip(archive: Buffer, at: number): Buffer {
  const changed = Buffer.from(archive);
  changed[at] = (archive[at] ?? 0) ^ 0xff;
  return changed;
}

/** Replaces a text in clear by one of the same length, wherever it stands. */
export function replaceText(archive: Buffer, text: string, replacement: string): Buffer {
  const [from, to] = [Buffer.from(text), Buffer.from(replacement)];
  if (from.length !== to.length) throw new Error(`"${replacement}" is not as long as "${text}".`);
  const changed = Buffer.from(archive);
  const first = changed.indexOf(from);
  if (first < 0) throw new Error(`The archive does not hold "${text}".`);
  for (let at = first; at >= 0; at = changed.indexOf(from, at + to.length)) to.copy(changed, at);
  return changed;
}

/** An offset in the middle of the first compressed chunk: behind a type, a dump id and a length. */
export function insideFirstChunk(archive: Buffer, { dataStart }: ArchiveLayout): number {
  const integerBytes = archive.readUInt8(8);
  const lengthAt = dataStart + 1 + (1 + integerBytes);
  return lengthAt + 1 + integerBytes + Math.floor(archive.readUIntLE(lengthAt + 1, integerBytes) / 2);
}
