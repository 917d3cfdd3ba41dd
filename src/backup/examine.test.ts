import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { currentDigest } from '../snapshot/digest-version.ts';
import { backupSet } from './backup-set.ts';
import { hashFile, writeChecksum } from './checksum.ts';
import { examineFiles } from './examine.ts';
import { writeManifest } from './manifest.ts';

const empty = {
  digestVersion: currentDigest,
  tables: [],
  largeObjects: { rows: 0, digest: '' },
  sequences: [],
  schema: {},
  state: {},
};

/** The files of a backup whose dump holds these bytes. */
async function makeBackup(bytes: string) {
  const set = backupSet(join(await makeWorkspace(), 'shop_20260209T094803Z.dump'));
  await writeFile(set.dump, bytes);
  const { sha256 } = await hashFile(set.dump);
  await writeChecksum(set.checksum, sha256, set.dump);
  await writeManifest(set.manifest, {
    schemaVersion: 1,
    database: 'shop',
    takenAt: '2026-02-09T09:48:03.000Z',
    sha256,
    bytes: Math.max(bytes.length, 1),
    serverVersion: '16.4',
    dumpVersion: '16.4',
    format: 'custom' as const,
    globals: null,
    ownership: 'runbook',
    snapshot: empty,
  });
  return set;
}

describe('the files of a backup', () => {
  test('that fit have no problem, and the manifest is read', async () => {
    const { findings, manifest, sizeBytes } = await examineFiles(await makeBackup('PGDMP'), await makeWorkspace());
    expect({ findings, sizeBytes }).toEqual({ findings: [], sizeBytes: 5 });
    expect(manifest?.snapshot).toMatchObject(empty);
  });

  test('that are empty say so', async () => {
    const { findings } = await examineFiles(await makeBackup(''), await makeWorkspace());
    expect(findings.map(({ rule }) => rule)).toEqual(['ARCHIVE_EMPTY']);
  });

  test('of two backups are told apart, by both sides', async () => {
    const set = await makeBackup('PGDMP');
    await writeFile(set.dump, 'PGDMP of another night');
    const { findings } = await examineFiles(set, await makeWorkspace());
    expect(findings.map(({ rule }) => rule)).toEqual(['CHECKSUM_MISMATCH', 'MANIFEST_MISMATCH']);
    expect(findings[1]?.message).toMatch(/2026-02-09T09:48:03\.000Z with 5 bytes .* has 22 bytes/);
  });

  test.each([0, 8, 32, 63])('whose checksum differs in digit %i alone do not fit', async (place) => {
    const set = await makeBackup('PGDMP');
    const { sha256 } = await hashFile(set.dump);
    const other = sha256.slice(0, place) + (sha256[place] === 'a' ? 'b' : 'a') + sha256.slice(place + 1);
    await writeChecksum(set.checksum, other, set.dump);
    const { findings } = await examineFiles(set, await makeWorkspace());
    expect(findings.map(({ rule }) => rule)).toEqual(['CHECKSUM_MISMATCH']);
    // The manifest is held against the dump in the same way.
    await writeChecksum(set.checksum, sha256, set.dump);
    const manifest = await readFile(set.manifest, 'utf8');
    await writeFile(set.manifest, manifest.replaceAll(sha256, other));
    const examined = await examineFiles(set, await makeWorkspace());
    expect(examined.findings.map(({ rule }) => rule)).toEqual(['MANIFEST_MISMATCH']);
  });

  test.for(['{', '{}', '[]'])('with the manifest %s say why it is none', async (text) => {
    const set = await makeBackup('PGDMP');
    await writeFile(set.manifest, text);
    const { findings, manifest } = await examineFiles(set, await makeWorkspace());
    expect(manifest).toBeNull();
    expect(findings.map(({ rule }) => rule)).toEqual(['MANIFEST_INVALID']);
  });

  test('with a manifest that only a newer release can read speak neither for nor against the backup', async () => {
    const set = await makeBackup('PGDMP');
    await writeFile(set.manifest, '{"schemaVersion":2}');
    const examined = examineFiles(set, await makeWorkspace());
    await expect(examined).rejects.toMatchObject({ code: 'MANIFEST_TOO_NEW' });
  });
});
