import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getContainerRuntimeClient } from 'testcontainers';
import { expect, inject, onTestFinished, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { useImage } from '../../fixtures/testing/images.ts';
import { rehearseSteps } from '../../fixtures/testing/rehearse-steps.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import type { EngineName } from '../config/profile.ts';
import { applySettings } from '../config/settings.ts';
import type { DisposableServer } from '../engine/engine.ts';
import { dumpDatabase } from '../postgres/dump.ts';
import { majorVersion } from '../postgres/version.ts';
import { Drill, type Choices } from './drill.ts';
import { openProfile } from './open-profile.ts';
import { Run } from './run.ts';
import { selectBackup } from './steps/select-backup.ts';
import { startServerForBackup } from './steps/server/start-for-backup.ts';

/** Extensions that every server has, and those of the same length that they are called in the archive: rare ones. */
const renamed = { pageinspect: 'vectorscale', pgstattuple: 'timescaledb', hstore: 'pg_net', ltree: 'citus' };
type Renamed = keyof typeof renamed;

/** An archive of pg_dump with extensions that are nowhere here. */
async function dumpWith(server: DisposableServer, names: Renamed[]): Promise<string> {
  const database = await createTestDatabase(server, `x-${randomBytes(4).toString('hex')}`);
  const admin = { ...server.admin, database: database.database };
  for (const name of names) await withClient(admin, (client) => client.query(`create extension ${name}`));
  const file = join(await makeWorkspace(), 'night of $(it).dump');
  await dumpDatabase(server, admin, null, file, { timeoutMs: 60_000 });
  let bytes = (await readFile(file)).toString('latin1');
  for (const name of names) bytes = bytes.replaceAll(name, renamed[name]);
  await writeFile(file, bytes, 'latin1');
  return file;
}

/** Chooses a backup and starts its server, as `rehearse --backup FILE` does in an empty directory. */
async function startFor(engine: EngineName, choices: Partial<Choices> & { backup: string }) {
  const run = await Run.create();
  const assumed = { database: 'provisional', directory: '/somewhere' };
  const { image = null } = choices;
  const { profile, ...opened } = await openProfile({ config: '', assumed });
  const settings = { engine, image, reports: null };
  const drill = new Drill(run, { ...opened, profile: applySettings(profile, settings) }, choices);
  const { rules, metas, contribution } = await rehearseSteps(drill, async (step) => {
    const backup = await step('choose', selectBackup, {});
    await step('start', startServerForBackup, { backup });
  });
  return { said: rules.at(-1) ?? '', statuses: metas.map(({ status }) => status), facts: contribution('start') };
}

/** Extensions of each database, and what is said of them: how many, the package, the image. */
const sets: [Renamed[], extensions: RegExp, ways: RegExp, not: RegExp][] = [
  [
    ['ltree'],
    /needs 1 extension .*: citus\./,
    /apt-get install postgresql-NN-citus[^]*docker pull citusdata\/citus:postgres_NN && /,
    /timescale/,
  ],
  [
    ['pageinspect', 'pgstattuple'],
    /needs 2 extensions .*: (?:vectorscale, timescaledb|timescaledb, vectorscale)\./,
    /apt-get install .*timescaledb-2-postgresql-NN.*[^]*docker pull timescale\/timescaledb-ha:pgNN && .*rehearse.* --backup .*night of .*--image timescale/,
    /citus/,
  ],
];

describeEngine('local', 'a bare backup whose extensions this machine has not got', () => {
  const server = useServer('local');

  test.for(sets)('%j: could not run, with package, image and profile', async ([names, what, ways, not]) => {
    const { said, statuses } = await startFor('local', { backup: await dumpWith(server(), names) });
    const major = String(majorVersion(server().serverVersion));
    expect(statuses).toEqual(['passed', 'failed']);
    expect(said).toMatch(/^EXTENSION_MISSING: .*Nothing was restored, and the backup is not to blame/);
    expect(said).toMatch(what);
    expect(said.replaceAll(new RegExp(`${major}(?=$|\\b|\\D)`, 'g'), 'NN')).toMatch(ways);
    expect(said).not.toMatch(not);
    expect(said).toMatch(/rehearsal\.config\.mjs:\n +export default \{\n +name: 'x[^]*postgres: \{ image: '/);
  });

  test('that nobody packs together: the image of production is left', async () => {
    const { said } = await startFor('local', { backup: await dumpWith(server(), ['hstore', 'ltree']) });
    expect(said).toMatch(
      /No package and no image is known that has all of them\. With the image that production runs:/,
    );
    expect(said).not.toMatch(/apt-get|docker pull|rehearsal-postgres/);
  });
});

describeEngine('docker', 'a bare backup whose extensions no image of PostgreSQL has', () => {
  const server = useServer('docker');
  const stub = useImage('stub-extensions', ['Dockerfile']);

  /** Gives the image of the tests a name that the public one with these extensions could have. */
  async function tagLikePublic(): Promise<string> {
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const repo = 'timescale/timescaledb-ha';
    const tag = `pg${majorVersion(server().serverVersion)}-stub-${randomBytes(4).toString('hex')}`;
    await dockerode.getImage(stub).tag({ repo, tag });
    onTestFinished(() => dockerode.getImage(`${repo}:${tag}`).remove());
    return `${repo}:${tag}`;
  }

  test('is not started for where no image is here that has them: which one to fetch is said', async () => {
    const { said, facts } = await startFor('docker', { backup: await dumpWith(server(), ['ltree']) });
    expect(said).toMatch(/^EXTENSION_MISSING: .* the image postgres:\d+-alpine has not got: citus/);
    expect(said).toMatch(/docker pull citusdata\/citus:postgres_\d+.*--image citusdata/);
    expect(facts).toEqual({});
  });

  test('in an image that was named is looked for there, before anything is restored', async () => {
    const backup = await dumpWith(server(), ['pageinspect', 'pgstattuple']);
    const { said } = await startFor('docker', { backup, image: inject('image') });
    expect(said).toMatch(/^EXTENSION_MISSING: .*2 extensions that the image .* has not got/);
  });

  test('is restored into the image that is here and has all of them', async () => {
    const image = await tagLikePublic();
    const { statuses, facts } = await startFor('docker', {
      backup: await dumpWith(server(), ['pageinspect', 'pgstattuple']),
    });
    expect(statuses).toEqual(['passed', 'passed']);
    expect(facts.environment).toMatchObject({ image });
    expect(facts.facts?.['extensions']).toMatch(/timescaledb/);
  });
});
