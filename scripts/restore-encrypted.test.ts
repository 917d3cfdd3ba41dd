import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { makeIncident, rowsBackedUp, rowsLeft, type Incident } from '../fixtures/testing/incidents.ts';
import { listLeft } from '../fixtures/testing/run-rehearse.ts';
import { useServer } from '../fixtures/testing/servers.ts';
import { prepareEncryption } from '../src/backup/encryption/encrypt.ts';
import { readEnvironment } from '../src/system/environment.ts';

describeEngine('local', 'npm run restore of an encrypted backup', () => {
  const server = useServer('local');

  /** Has the profile name a key. */
  async function giveKey({ workspace, live: { database: name, user: owner } }: Incident, identity: string) {
    const identityFile = join(workspace, 'drill.key');
    await writeFile(identityFile, identity, { mode: 0o600 });
    const backups = { directory: join(workspace, 'backups'), decrypt: { age: { identityFile } } };
    const profile = { name: 'incident', database: { name, owner }, backups };
    await writeFile(join(workspace, 'profile.mjs'), `export default ${JSON.stringify(profile)};\n`);
  }

  test('needs its key, exchanges the databases and takes it back', async () => {
    const identity = await generateX25519Identity();
    const options = { path: readEnvironment().path, gnupg: {}, limits: { timeoutMs: 60_000 } };
    const encrypting = await prepareEncryption({ age: [await identityToRecipient(identity)] }, options);
    const incident = await makeIncident(server(), { encrypting });
    expect((await readFile(incident.taken.set.dump)).toString('latin1', 0, 21)).toBe('age-encryption.org/v1');

    const locked = await incident.restore('--switch');
    expect(locked.exitCode, locked.all).not.toBe(0);
    expect(locked.all).toMatch(/encrypted by age, and no key was given.*REHEARSAL_AGE_IDENTITY_FILE/s);
    await giveKey(incident, await generateX25519Identity());
    const wrong = await incident.restore('--switch');
    expect(wrong.exitCode, wrong.all).not.toBe(0);
    expect(wrong.all).toMatch(/encrypted by age for 1 recipient \(X25519\), and age1\w+ does not open it/);
    expect([await incident.others(), await incident.countNotes()]).toEqual([[], rowsLeft]);

    await giveKey(incident, identity);
    const switched = await incident.restore('--switch');
    expect(switched.exitCode, switched.all).toBe(0);
    expect(await incident.countNotes()).toBe(rowsBackedUp);
    const listed = await incident.start('--list');
    expect(listed.all).toContain((await incident.others())[0]);
    const back = await incident.start('--rollback');
    expect(back.exitCode, back.all).toBe(0);
    expect(await incident.countNotes()).toBe(rowsLeft);
    for (const { all } of [locked, wrong, switched, listed, back]) expect(all).not.toContain(identity);
    // Nothing that was decrypted stays.
    expect((await listLeft(incident.workspace)).toSorted()).toEqual(['backups', 'drill.key', 'profile.mjs']);
  }, 240_000);
});
