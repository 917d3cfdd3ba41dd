import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { makeBackup } from '../../fixtures/testing/backups.ts';
import { makeDrill, serveDrill } from '../../fixtures/testing/drills.ts';
import { openSource } from '../../fixtures/testing/live-source.ts';
import { describeWithRclone } from '../../fixtures/testing/offsite-places.ts';
import { rehearseSteps } from '../../fixtures/testing/rehearse-steps.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { prepareEncryption } from '../backup/encryption/encrypt.ts';
import { copyOffsite } from '../backup/offsite.ts';
import { pruneBackups } from '../backup/prune.ts';
import { openRclone } from '../backup/rclone.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { readEnvironment } from '../system/environment.ts';
import type { ServedDatabase } from './served-database.ts';
import { selectBackup } from './steps/select-backup.ts';

const limits = { timeoutMs: 60_000, signal: undefined };
const dayMs = 24 * 60 * 60_000;

if (inject('skipped').local === null) {
  describeWithRclone('a backup that is encrypted', () => {
    const server = useServer('local');
    let served: ServedDatabase;
    beforeAll(async () => {
      served = await serveDrill(server(), {});
    });
    afterAll(() => served.drill.run.dispose());

    /** Takes one, and copies it off-host. */
    async function takeAndCopy() {
      const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
      const identity = await generateX25519Identity();
      const recipient = await identityToRecipient(identity);
      const there = await makeWorkspace();
      const here = await makeWorkspace({
        'drill.key': identity,
        'rclone.conf': `[t]\ntype = alias\nremote = ${there}\n`,
      });
      const encrypting = await prepareEncryption(
        { age: [recipient] },
        { path: readEnvironment().path, gnupg: {}, limits },
      );
      await using source = await openSource(served);
      const directory = join(here, 'backups');
      const settings = { ownership: 'runbook', format: 'custom', compression: '0', encrypting, limits } as const;
      const { set } = await takeBackup(source, { directory, ...settings });
      const destination = 't:';
      const config = join(here, 'rclone.conf');
      const rclone = openRclone({ destination, config, environment: readEnvironment(), limits });
      const copy = () => copyOffsite({ directory, database: 'source', rclone });
      expect(await copy()).toMatchObject([{ state: 'copied' }]);
      const backups = {
        ...{ directory, offsite: destination, rcloneConfig: config },
        decrypt: { age: { identityFile: join(here, 'drill.key') } },
      };
      return { set, recipient, there, directory, destination, rclone, copy, backups };
    }

    const chooseOffsite = async (backups: Awaited<ReturnType<typeof takeAndCopy>>['backups']) =>
      rehearseSteps(await makeDrill({ backups }, { fromOffsite: true }), (step) => step('choose', selectBackup, {}));

    test('is rehearsed from off-host with its key; the evidence names it', async () => {
      const { set, recipient, backups } = await takeAndCopy();
      await rm(backups.directory, { recursive: true });
      const { rules, contribution } = await chooseOffsite(backups);
      expect(rules).toEqual([]);
      expect(contribution('choose').facts).toMatchObject({
        ...{ file: basename(set.dump), encryptedBy: 'age', encryptedTo: recipient, decryptedWith: recipient },
      });
    });

    test('without a manifest is passed over off-host, with the command that takes it', async () => {
      const { set, there, backups } = await takeAndCopy();
      await copyFile(join(there, basename(set.dump)), join(there, 'source_29990101T000000Z.dump'));
      const { rules, contribution } = await chooseOffsite(backups);
      expect(rules).toEqual(['BACKUP_INCOMPLETE (warning)']);
      expect(contribution('choose').findings?.[0]?.message).toMatch(
        /missing there: the copy was interrupted, or .*--backup t:\/?source_29990101T000000Z\.dump takes/,
      );
    });

    test('goes by the rules of retention once its copy is proven, and not before', async () => {
      const { set, directory, destination, rclone, copy, there } = await takeAndCopy();
      const later = new Date(Date.now() + 40 * dayMs);
      await makeBackup(directory, later, { database: 'source' });
      const policy = {
        ...{ keepDaily: 1, pruneAfterMs: 7 * dayMs, destination },
        commands: { backup: 'npm run backup', offsite: 'npm run offsite' },
      };
      const prune = () => pruneBackups({ directory, database: 'source', policy, rclone, now: later, dryRun: false });
      const copied = join(there, basename(set.dump));
      await writeFile(copied, 'another');
      expect((await prune()).doubts).toHaveLength(1);
      expect(await readdir(directory)).toContain(basename(set.dump));
      expect((await copy()).map(({ state }) => state)).toEqual(['copied', 'copied']);
      expect(await prune()).toMatchObject({ doubts: [], failed: [] });
      expect(await readdir(directory)).not.toContain(basename(set.dump));
    });
  });
}
