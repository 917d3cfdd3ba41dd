import { authenticate, useComposeServices } from '../../../fixtures/testing/compose-services.ts';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeBackup } from '../../../fixtures/testing/backups.ts';
import { describeEngine } from '../../../fixtures/testing/engines.ts';
import { makeProfile } from '../../../fixtures/testing/profiles.ts';
import { createTestDatabase, useServer } from '../../../fixtures/testing/servers.ts';
import { withClient } from '../../../fixtures/testing/sessions.ts';
import { loadProfile } from '../../config/load-profile.ts';
import { databaseUrl } from '../../postgres/connection.ts';
import { readEnvironment } from '../../system/environment.ts';
import { examinePlaces } from './examine-places.ts';

const environment = readEnvironment();

test('all that does not answer is said at once, and nothing where the profile names nothing', async () => {
  const profile = await makeProfile({
    database: { name: 'shop', owner: 'shop', url: 'postgres://nobody@127.0.0.1:1/shop' },
    backups: { directory: 'backups', offsite: 'no-such-remote:x' },
    app: { command: ['no-such-program'] },
  });
  const found = await examinePlaces(await loadProfile(profile), environment);
  expect(found.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'database broken',
    'backups broken',
    'off-host broken',
    'app broken',
  ]);
  expect(found[1]).toMatchObject({
    remedy: expect.stringContaining(`npm run backup -- --config ${profile}`) as string,
  });
  expect(found[3]?.text).toContain('no program "no-such-program"');
  expect(await examinePlaces(await loadProfile(await makeProfile({})), environment)).toEqual([]);
});

describeEngine('local', 'what a profile names', (engine) => {
  const server = useServer(engine);

  test('is well where it answers, is fresh and can be read; a table that cannot be read is named', async () => {
    const owner = { ...(await createTestDatabase(server())), ...(await server().openPort()) };
    await withClient(owner, (client) => client.query('create table theirs (id int)'));
    const profile = await makeProfile(
      {
        database: { name: owner.database, owner: owner.user, url: databaseUrl(owner) },
        backups: { directory: 'backups' },
        app: { command: ['./run'] },
      },
      { run: '' },
    );
    const loaded = await loadProfile(profile);
    await makeBackup(join(loaded.directory, 'backups'), new Date(), { database: owner.database });
    const [database, backups] = await examinePlaces(loaded, environment);
    expect(database).toMatchObject({
      state: 'works',
      text: expect.stringContaining('every table can be read') as string,
    });
    expect(backups).toMatchObject({ state: 'works', text: expect.stringMatching(/^the newest in .* old$/) as string });

    await withClient({ ...owner, ...adminOf(server()) }, (client) =>
      client.query('create table "of others" (id int); revoke all on "of others" from public'),
    );
    const [unreadable] = await examinePlaces(loaded, environment);
    expect(unreadable).toMatchObject({
      state: 'broken',
      text: expect.stringContaining('1 table cannot be read: public."of others"') as string,
    });
    expect(JSON.stringify(unreadable)).not.toContain(owner.password);
  });

  test('backups that are too old are said to be', async () => {
    const profile = await makeProfile({ backups: { directory: 'backups' }, objectives: { rpo: '1h' } });
    const loaded = await loadProfile(profile);
    await makeBackup(join(loaded.directory, 'backups'), new Date(Date.now() - 7_500_000), {
      database: loaded.profile.database.name,
    });
    const [backups] = await examinePlaces(loaded, environment);
    expect(backups).toMatchObject({
      state: 'broken',
      text: expect.stringMatching(/2h 5m old, .*rpo allows 1h/) as string,
    });
  });
});

describeEngine('docker', 'a Compose service that a profile names', () => {
  const { services, server } = useComposeServices('create table bookings (id int)');

  test('is read in its container; one that is not there is named with those that are', async () => {
    await authenticate(server().outside, 'socket');
    const look = async (composeService: string) => {
      const backups = { directory: 'backups', composeService, composeProject: services.project };
      const profile = await makeProfile({ database: { name: 'shop', owner: 'shop' }, backups });
      return (await examinePlaces(await loadProfile(profile), environment))[0];
    };
    const there = await look(services.service);
    expect(there).toMatchObject({ name: 'database', state: 'works' });
    expect(there?.text).toMatch(/in the container .*, PostgreSQL \d+.*every table can be read/);
    const gone = await look('no-such-service');
    expect(gone).toMatchObject({ name: 'database', state: 'broken' });
    expect(gone?.text).toContain(services.service);
  });
});

function adminOf({ admin: { user, password } }: { admin: { user: string; password: string } }) {
  return { user, password };
}
