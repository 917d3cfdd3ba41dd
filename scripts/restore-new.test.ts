import { execa } from 'execa';
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { someDumpFormats } from '../fixtures/testing/dump-formats.ts';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { makeIncident, rowsBackedUp, type Incident } from '../fixtures/testing/incidents.ts';
import { startCommand } from '../fixtures/testing/run-rehearse.ts';
import { useServer } from '../fixtures/testing/servers.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { hashDump, hashText } from '../src/backup/checksum.ts';
import type { Manifest } from '../src/backup/manifest.ts';
import type { DisposableServer } from '../src/engine/engine.ts';
import { connect, disconnect, type Connection } from '../src/postgres/connection.ts';
import { scramVerifier } from '../src/postgres/scram.ts';

describeEngine('local', 'npm run restore -- --new', (engine) => {
  const lost = useServer(engine);
  const other = useServer(engine);

  test('makes the roles of the backup, and the database under its own name', async () => {
    const tag = randomBytes(3).toString('hex');
    const schema = `
      create role "group ${tag}" nologin;
      create role app_${tag} login connection limit 7 in role "group ${tag}";
      create role there_${tag} login;
      grant create on schema public to app_${tag};
      alter role app_${tag} set work_mem to '9MB';
      comment on role app_${tag} is 'it''s the app';
      create table of_app (i int);
      alter table of_app owner to app_${tag};
      grant select on of_app to public`;
    const incident = await makeIncident(lost(), { schema, ownership: 'preserve' });
    await sql(admin(other()), `create role there_${tag} nologin connection limit 3`);
    const { live } = incident;

    const { all, exitCode } = await restoreNew(incident, other());
    expect(exitCode, all).toBe(0);
    expect(all).toContain(`${live.database} is there, under its own name`);
    expect(all).toContain('it is equal to the manifest');
    expect(all).toMatch(new RegExp(`roles that were made: .*app_${tag}.*group ${tag}`));
    expect(all).toMatch(new RegExp(`roles that were there, and are as they were: .*there_${tag}`));
    expect(all).toMatch(new RegExp(`without a password, as the backup has none: .*app_${tag}`));
    expect(all).toContain(`psql: \\password app_${tag}`);
    expect(all).toMatch(/take backups of it +npm run backup -- --url \S*postgres:/);

    const inside = { ...admin(other()), database: live.database };
    expect(await sql(inside, 'select from notes')).toHaveLength(rowsBackedUp);
    const [facts] = await sql(
      inside,
      `select tableowner as owner, rolconnlimit as "limit", rolconfig as config, shobj_description(oid, 'pg_authid') as comment,
        pg_has_role(oid, 'group ${tag}', 'member') as member, (select rolconnlimit from pg_roles where rolname = 'there_${tag}') as kept
      from pg_tables, pg_roles where tablename = 'of_app' and rolname = 'app_${tag}'`,
    );
    expect(facts).toEqual({
      ...{ owner: `app_${tag}`, limit: 7, config: ['work_mem=9MB'], comment: "it's the app", member: true, kept: 3 },
    });
    expect(await rolesLike(other(), 'restore_rehearsal%')).toEqual([]);

    const again = await restoreNew(incident, other());
    expect(again).toMatchObject({ exitCode: 0, all: expect.stringContaining('nothing was done') as string });
    expect(await databasesLike(other(), live.database)).toEqual([live.database]);
  });

  test('touches nothing where there is a database of that name', async () => {
    const incident = await makeIncident(lost(), { ownership: 'preserve' });
    const name = pg.escapeIdentifier(incident.live.database);
    await sql(admin(other()), `create database ${name}`);
    const before = await rolesLike(other(), '%');
    const { all, exitCode } = await restoreNew(incident, other());
    expect(all).toContain('Nothing was touched.');
    expect(exitCode).toBe(2);
    expect(await rolesLike(other(), '%')).toEqual(before);
    expect(await databasesLike(other(), incident.live.database)).toEqual([incident.live.database]);
  });

  test.for(someDumpFormats)(
    'takes every format, and makes the owner where no roles were kept: %s',
    async ([, flags, packer]) => {
      const incident = await makeIncident(lost());
      await dumpAgain(incident, flags, packer);
      const { all, exitCode } = await restoreNew(incident, other());
      expect(all).toContain(`roles that were made: ${incident.live.user}`);
      expect(exitCode, all).toBe(0);
      const inside = { ...admin(other()), database: incident.live.database };
      expect(await sql(inside, 'select from notes')).toHaveLength(rowsBackedUp);
    },
  );

  test('restores by a role that is no superuser, and says what one without CREATEROLE lacks', async () => {
    const incident = await makeIncident(lost());
    const tag = randomBytes(3).toString('hex');
    const as = { user: `helper_${tag}`, password: tag };
    await sql(admin(other()), `create role helper_${tag} login createdb password '${tag}'`);
    const refused = await restoreNew(incident, other(), [], as);
    expect(refused.all).toContain('may not create the role that restores (ALTER ROLE … CREATEROLE)');
    expect(refused.exitCode).toBe(2);
    expect(await rolesLike(other(), incident.live.user)).toEqual([]);
    await sql(admin(other()), `alter role helper_${tag} createrole`);
    const { all, exitCode } = await restoreNew(incident, other(), ['--disk', '1GB'], as);
    expect(exitCode, all).toBe(0);
  });

  test('makes nothing on a server that is older than the backup', async () => {
    const incident = await makeIncident(lost(), { ownership: 'preserve' });
    await pretendNewer(incident);
    const before = await rolesLike(other(), '%');
    const { all, exitCode } = await restoreNew(incident, other());
    expect(all).toContain('99.');
    expect(exitCode, all).toBe(2);
    expect(await rolesLike(other(), '%')).toEqual(before);
    expect(await databasesLike(other(), incident.live.database)).toEqual([]);
  });

  test('gives roles the passwords that the globals have, and runs nothing else that stands there', async () => {
    const incident = await makeIncident(lost(), { ownership: 'preserve' });
    const { live } = incident;
    const owner = pg.escapeIdentifier(live.user);
    const globals = `CREATE ROLE ${owner};\nALTER ROLE ${owner} WITH NOSUPERUSER LOGIN PASSWORD '${scramVerifier(live.password)}';\n`;
    await writeGlobals(incident, `${globals}CREATE ROLE thief SUPERUSER;\n`);
    const refused = await restoreNew(incident, other());
    expect(refused.all).toContain('GLOBALS_REFUSED');
    expect(refused.exitCode).toBe(1);
    expect(await rolesLike(other(), live.user)).toEqual([]);

    await writeGlobals(incident, globals);
    const { all, exitCode } = await restoreNew(incident, other());
    expect(exitCode, all).toBe(0);
    expect(all).not.toContain('SCRAM');
    const { host, port } = admin(other());
    await disconnect(await connect({ ...live, host, port }));
  });

  test('is done again after Ctrl-C in the middle', async () => {
    const schema = `
      create function slow(n integer) returns integer immutable language plpgsql as $$
        begin
          if exists (select from pg_catalog.pg_roles where rolname = 'slow') then perform pg_catalog.pg_sleep(60); end if;
          return n;
        end $$;
      create table slow_table as select 1 as n;
      grant select on slow_table to public;
      create index on slow_table (slow(n))`;
    const incident = await makeIncident(lost(), { schema });
    await sql(admin(other()), 'create role slow');
    const child = restoreNew(incident, other());
    const active = "select from pg_stat_activity where state = 'active' and query like 'CREATE INDEX%'";
    await expect.poll(() => sql(admin(other()), active), { timeout: 60_000 }).toHaveLength(1);
    process.kill(child.pid ?? 0, 'SIGINT');
    expect(await child).toMatchObject({ exitCode: 2 });
    await sql(admin(other()), 'drop role slow');
    expect(await databasesLike(other(), incident.live.database)).toEqual([]);
    const again = await restoreNew(incident, other());
    expect(again.all).toMatch(/roles that were there, and are as they were: .*owner/);
    expect(again.exitCode, again.all).toBe(0);
  });
});

function admin(server: DisposableServer): Connection {
  return { ...server.admin };
}

async function sql(connection: Connection, statement: string): Promise<object[]> {
  return withClient(connection, async (client) => (await client.query<object>(statement)).rows);
}

function rolesLike(server: DisposableServer, pattern: string) {
  return sql(admin(server), `select rolname from pg_roles where rolname like ${pg.escapeLiteral(pattern)} order by 1`);
}

async function databasesLike(server: DisposableServer, start: string): Promise<string[]> {
  const statement = `select datname as name from pg_database where starts_with(datname, ${pg.escapeLiteral(start)})`;
  return ((await sql(admin(server), statement)) as { name: string }[]).map(({ name }) => name);
}

function restoreNew(
  { taken, workspace }: Incident,
  to: DisposableServer,
  flags: string[] = [],
  as: Pick<Connection, 'user' | 'password'> = to.admin,
) {
  const { host, port } = to.admin;
  const url = `postgres://${as.user}@/postgres?host=${encodeURIComponent(host)}&port=${port}`;
  const where = ['--config', join(workspace, 'profile.mjs'), '--url', url, '--backup', taken.set.dump];
  return startCommand('restore', [...where, '--new', ...flags], { PGPASSWORD: as.password, TMPDIR: workspace });
}

async function changeManifest({ taken }: Incident, change: (manifest: Manifest) => Manifest): Promise<void> {
  const manifest = JSON.parse(await readFile(taken.set.manifest, 'utf8')) as Manifest;
  await writeFile(taken.set.manifest, JSON.stringify(change(manifest)));
}

/** As a server of a version that is still to come would have written the dump: its header says which. */
async function pretendNewer(incident: Incident): Promise<void> {
  const { set } = incident.taken;
  const bytes = await readFile(set.dump);
  const at = bytes.indexOf(incident.taken.manifest.serverVersion);
  bytes.write('99', at);
  await writeFile(set.dump, bytes);
  const { sha256, checksumText } = await hashDump(set.dump);
  await writeFile(set.checksum, checksumText);
  await changeManifest(incident, (manifest) => ({ ...manifest, sha256, serverVersion: '99.1' }));
}

/** The globals as the manifest knows them. */
async function writeGlobals(incident: Incident, globals: string): Promise<void> {
  await writeFile(incident.taken.set.globals, globals);
  const known = { sha256: hashText(globals), bytes: Buffer.byteLength(globals) };
  await changeManifest(incident, (manifest) => ({ ...manifest, globals: known }));
}

/** The same backup in another format: from what is restored of it, for the live database has lost rows. */
async function dumpAgain(incident: Incident, flags: readonly string[], packer: 'gzip' | null): Promise<void> {
  const { set } = incident.taken;
  const { live } = incident;
  await withClient(live, (client) =>
    client.query(
      `insert into notes select i, md5(i::text) from generate_series(1, ${rowsBackedUp}) as i on conflict do nothing`,
    ),
  );
  await rm(set.dump, { recursive: true });
  const env = { PGPASSWORD: live.password, PGHOST: live.host, PGPORT: String(live.port), PGUSER: live.user };
  await execa('pg_dump', [...flags, '--dbname', live.database, '--file', set.dump], { env });
  if (packer !== null) {
    await execa(packer, [set.dump]);
    await rename(`${set.dump}.gz`, set.dump);
  }
  const { sha256, sizeBytes: bytes, checksumText } = await hashDump(set.dump);
  await writeFile(set.checksum, checksumText);
  const format = flags.includes('-Fd') ? 'directory' : 'custom';
  await changeManifest(incident, (manifest) => ({ ...manifest, sha256, bytes, format }));
}
