import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { currentDigest } from '../snapshot/digest-version.ts';
import { backupSet } from './backup-set.ts';
import { hashFile, writeChecksum } from './checksum.ts';
import { examineContents, examineFiles } from './examine.ts';
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
    const { problems, manifest, sizeBytes } = await examineFiles(await makeBackup('PGDMP'), await makeWorkspace());
    expect({ problems, snapshot: manifest?.snapshot, sizeBytes }).toEqual({
      problems: [],
      snapshot: empty,
      sizeBytes: 5,
    });
  });

  test.for([
    ['', 'ARCHIVE_EMPTY'],
    ['Salted__12345678 and what openssl wrote', 'ARCHIVE_ENCRYPTED'],
    ['age-encryption.org/v1\n-> X25519', 'ARCHIVE_ENCRYPTED'],
    ['-----BEGIN PGP MESSAGE-----\n', 'ARCHIVE_ENCRYPTED'],
  ] as const)('that start with %j are %s', async ([bytes, rule]) => {
    const { problems } = await examineFiles(await makeBackup(bytes), await makeWorkspace());
    expect(problems.map((problem) => problem.rule)).toEqual([rule]);
  });

  test('of two backups are told apart, by both sides', async () => {
    const set = await makeBackup('PGDMP');
    await writeFile(set.dump, 'PGDMP of another night');
    const { problems } = await examineFiles(set, await makeWorkspace());
    expect(problems.map(({ rule }) => rule)).toEqual(['CHECKSUM_MISMATCH', 'MANIFEST_MISMATCH']);
    expect(problems[1]?.message).toMatch(/2026-02-09T09:48:03\.000Z with 5 bytes .* has 22 bytes/);
  });

  test.for(['{', '{}', '[]', '{"schemaVersion":2}'])('with the manifest %s say why it is none', async (text) => {
    const set = await makeBackup('PGDMP');
    await writeFile(set.manifest, text);
    const { problems, manifest } = await examineFiles(set, await makeWorkspace());
    expect(manifest).toBeNull();
    expect(problems.map(({ rule }) => rule)).toEqual(['MANIFEST_INVALID']);
  });
});

test.for([
  [{}, []],
  [{ database: 'shop2' }, ['BACKUP_OF_ANOTHER_DATABASE']],
  [{ serverVersion: '17.1' }, ['SERVER_OLDER_THAN_BACKUP']],
  [{ dumpVersion: '18beta1' }, ['SERVER_OLDER_THAN_BACKUP']],
  [{ serverVersion: '9.6.24', dumpVersion: '16.9' }, []],
] as const)('an archive that says %j of itself has the problems %j', ([changes, rules]) => {
  const contents = { database: 'shop', format: 'CUSTOM', serverVersion: '16.4', dumpVersion: '16.4', ...changes };
  const problems = examineContents(contents, { database: 'shop', serverVersion: '16.2' });
  expect(problems.map(({ rule }) => rule)).toEqual(rules);
});
