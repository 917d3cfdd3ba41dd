import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { dumpTo, openSource } from '../../fixtures/testing/live-source.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { prepareEncryption } from '../backup/encryption/encrypt.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { readEnvironment } from '../system/environment.ts';
import type { ServedDatabase } from './served-database.ts';

describeEngine('local', 'a backup that is encrypted as it is taken', () => {
  const server = useServer('local');
  let served: ServedDatabase;
  beforeAll(async () => {
    served = await serveDrill(server(), {});
    await withClient(served.asAdmin, (client) =>
      client.query("create table notes (word text); insert into notes values ('a word that is secret')"),
    );
  });
  afterAll(() => served.drill.run.dispose());

  async function takeEncrypted() {
    const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
    const identity = await generateX25519Identity();
    const recipient = await identityToRecipient(identity);
    const limits = { timeoutMs: 60_000 };
    const options = { path: readEnvironment().path, gnupg: {}, limits };
    const encrypting = await prepareEncryption({ age: [recipient] }, options);
    await using source = await openSource(served);
    const directory = await makeWorkspace({ 'other.key': await generateX25519Identity(), 'right.key': identity });
    const settings = { ownership: 'runbook', format: 'custom', compression: '0', encrypting, limits } as const;
    const { set, manifest } = await takeBackup(source, { directory: join(directory, 'backups'), ...settings });
    return { set, manifest, recipient, key: (name: string) => join(directory, `${name}.key`) };
  }

  const opening = (backups: string, identityFile: string) => ({
    backups: {
      directory: backups,
      keepDaily: 7,
      pruneAfter: 0,
      format: 'custom' as const,
      decrypt: { age: { identityFile } },
    },
  });

  test('holds nothing that can be read, names its recipients, and verifies with the key', async () => {
    const { set, manifest, recipient, key } = await takeEncrypted();
    expect((await readFile(set.dump)).includes('a word that is secret')).toBe(false);
    expect(manifest.encryption).toEqual({ by: 'age', recipients: [recipient] });
    const { rules, contribution } = await rehearseBackup(served, set.dump, opening('/b', key('right')));
    expect(rules).toEqual([]);
    expect(contribution('choose').facts).toMatchObject({ encryptedTo: recipient, decryptedWith: recipient });
    expect(contribution('examine').subject).toMatchObject({ sha256: manifest.sha256, bytes: manifest.bytes });
  });

  test('is missed where the profile asks for it', async () => {
    const { set, recipient, key } = await takeEncrypted();
    await using source = await openSource(served);
    const plain = join(await makeWorkspace(), 'plain.dump');
    await dumpTo(plain, source, '--format=custom');
    const asking = (file: string) => {
      const { backups } = opening('/b', key('right'));
      return rehearseBackup(served, file, { backups: { ...backups, encrypt: { age: [recipient] } } });
    };
    expect((await asking(plain)).rules).toContain('BACKUP_NOT_ENCRYPTED (warning)');
    expect((await asking(set.dump)).rules).toEqual([]);
  });

  test('is not verified with another key, nor with bytes that are missing', async () => {
    const { set, key } = await takeEncrypted();
    const wrong = await rehearseBackup(served, set.dump, opening('/b', key('other')));
    expect(wrong.rules).toEqual(['DECRYPTION_KEY_WRONG']);
    await writeFile(set.dump, (await readFile(set.dump)).subarray(0, -20));
    const cut = await rehearseBackup(served, set.dump, opening('/b', key('right')));
    expect(cut.rules).toContain('ARCHIVE_CORRUPT');
    const none = await rehearseBackup(served, set.dump, opening('/b', key('none')));
    expect(none.rules).toEqual([expect.stringMatching(/^DECRYPTION_KEY_NOT_USABLE: .*none\.key/)]);
  });
});
