import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeIncident, rowsBackedUp, rowsLeft, type Incident } from '../../fixtures/testing/incidents.ts';
import { endProcess } from '../../fixtures/testing/processes.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import type { BackupSet } from '../backup/backup-set.ts';
import type { Manifest } from '../backup/manifest.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { readEnvironment } from '../system/environment.ts';
import { openBackup } from '../../fixtures/testing/dumps.ts';
import { connect, withClient } from '../../fixtures/testing/sessions.ts';
import { databaseUrl, disconnect } from '../postgres/connection.ts';
import { openUrl } from '../source/url-source.ts';
import { readMark } from './marks.ts';
import { restoreBeside } from './restore-beside.ts';

/** A row that somebody has written into a restored database: it is there as long as the database is. */
const traces = 1;

describeEngine('local', 'a database that a backup was restored into', (engine) => {
  const server = useServer(engine);

  test.for(['not-compared', 'different'] as const)('and is %s stays while somebody looks into it', async (state) => {
    const incident = await makeIncident(server());
    await spoil(incident.taken.set, state);
    const other = await backUpInTheSameSecond(incident);
    expect(await restore(incident)).toMatchObject({ verdict: state, reused: false });
    const [name = ''] = await incident.others();
    await leaveTrace(incident, name);

    expect(await restore(incident)).toMatchObject({ name, reused: true });
    expect(await restore(incident, other)).toMatchObject({ verdict: 'verified', name: `${name}_2` });
    expect(await stateOf(incident, name)).not.toBe('unfinished');
    expect(await incident.countNotes(name)).toBe(rowsBackedUp + traces);
  });

  test('without a manifest is not restored once more when the manifest has been found', async () => {
    const incident = await makeIncident(server());
    const { manifest } = incident.taken.set;
    const text = await readFile(manifest, 'utf8');
    await rm(manifest);
    expect(await restore(incident)).toMatchObject({ verdict: 'not-compared' });
    await writeFile(manifest, text);
    expect(await restore(incident)).toMatchObject({ verdict: 'verified', reused: true });
  });

  test('and has changed since it was verified is not taken for verified', async () => {
    const incident = await makeIncident(server());
    const { name } = await restore(incident);
    await leaveTrace(incident, name);
    expect(await restore(incident)).toMatchObject({ verdict: 'different', reused: true, name });
    expect(await stateOf(incident, name)).toBe('different');
  });

  test('may be given the live name by hand: it is the live database then, whatever its mark says', async () => {
    const incident = await makeIncident(server());
    const { live, countNotes, others } = incident;
    await rm(incident.taken.set.manifest);
    const { name } = await restore(incident);
    const [database, there] = [live.database, name].map((each) => pg.escapeIdentifier(each)) as [string, string];
    await asAdmin(incident, `alter database ${database} rename to "put aside ${randomUUID()}"`);
    await asAdmin(incident, `alter database ${there} rename to ${database}`);
    expect(await stateOf(incident, live.database)).toBe('not-compared');
    // Also with the mark of a restore that was cut short.
    for (const state of ['not-compared', 'unfinished', 'restoring']) {
      await setState(incident, live.database, state);
      const dropping = incident.withServer((opened) => opened.dropUnfinished(live.database, sha256(incident)));
      await expect(dropping).rejects.toMatchObject({ code: 'NOT_DISPOSABLE' });
      expect(await restore(incident)).toMatchObject({ name });
      expect(await countNotes()).toBe(rowsBackedUp);
    }
    expect(await others()).toEqual([name]);
  });

  test.for(['killed', 'looked into', 'of an older version'] as const)(
    'and was cut short is dropped by the next run of the same backup alone (%s)',
    async (what) => {
      const gate = `gate ${randomUUID()}`;
      const incident = await makeIncident(server(), { schema: blockedBy(gate) });
      await asAdmin(incident, `create role "${gate}"`);
      const child = incident.restore('--switch');
      await expect.poll(() => sleepersBeside(incident), { timeout: 60_000, interval: 50 }).toBe(1);
      endProcess(child.pid ?? 0);
      expect((await child).exitCode).not.toBe(0);
      await asAdmin(incident, `drop role "${gate}"`);
      const [name = '', ...none] = await incident.others();
      expect([none, await stateOf(incident, name)]).toEqual([[], 'unfinished']);

      const other = await backUpInTheSameSecond(incident);
      expect(await restore(incident, other)).toMatchObject({ name: `${name}_2`, reused: false });
      expect(await stateOf(incident, name)).toBe('unfinished');
      if (what === 'killed') {
        const before = await oidOf(incident, name);
        expect(await restore(incident)).toMatchObject({ verdict: 'verified', name, reused: false });
        expect(await oidOf(incident, name)).not.toBe(before);
        expect(await incident.countNotes(name)).toBe(rowsBackedUp);
        return;
      }
      if (what === 'of an older version') await setState(incident, name, 'restoring');
      const before = await oidOf(incident, name);
      const visitor = what === 'looked into' ? await connect({ ...incident.admin, database: name }) : null;
      // What this tool calls itself is its own; a person's psql has another name.
      await visitor?.query("set application_name = 'psql'");
      expect(await restore(incident)).toMatchObject({ verdict: 'verified', name: `${name}_3` });
      expect(await oidOf(incident, name)).toBe(before);
      expect((await visitor?.query('select'))?.rowCount ?? 1).toBe(1);
      if (visitor !== null) await disconnect(visitor);
    },
  );

  test('is not restored by two at once, whichever database of the server they come from', async () => {
    const incident = await makeIncident(server());
    const { withServer, countNotes } = incident;
    await withServer(async () => {
      for (const database of ['postgres', 'template1']) {
        await expect(withServer(restoreBeside, { database }), database).rejects.toMatchObject({
          code: 'SWITCH_FAILED',
          message: expect.stringContaining('Another restore beside') as string,
        });
      }
    });
    expect(await countNotes()).toBe(rowsLeft);
    expect(await restore(incident)).toMatchObject({ verdict: 'verified' });
  });
});

/** Takes the manifest away, or makes it one that nothing is equal to. */
async function spoil({ manifest }: BackupSet, how: 'not-compared' | 'different'): Promise<void> {
  if (how === 'not-compared') return rm(manifest);
  const contents = JSON.parse(await readFile(manifest, 'utf8')) as Manifest;
  for (const table of contents.snapshot.tables) table.digest = '0'.repeat(32);
  return writeFile(manifest, JSON.stringify(contents));
}

/** Another backup, of which everything would have the name of the first. */
async function backUpInTheSameSecond({ live, workspace, taken }: Incident): Promise<BackupSet> {
  await using source = await openUrl(databaseUrl(live), readEnvironment(), workspace);
  const { set } = await takeBackup(source, {
    directory: join(workspace, `backups ${randomUUID()}`),
    ...{ ownership: 'runbook', format: 'custom', compression: undefined, limits: { timeoutMs: 60_000 } },
  });
  const manifest = JSON.parse(await readFile(set.manifest, 'utf8')) as Manifest;
  await writeFile(set.manifest, JSON.stringify({ ...manifest, takenAt: taken.manifest.takenAt }));
  return set;
}

async function restore({ withServer }: Incident, set?: BackupSet) {
  const backup = set === undefined ? null : await openBackup(set, dirname(set.dump));
  const restored = await withServer((opened, request) =>
    restoreBeside(opened, { ...request, ...(backup && { backup }) }),
  );
  if (restored.verdict === 'refused') throw new Error(restored.findings.map(({ message }) => message).join());
  return restored;
}

/** An index that is not built in a restored database while there is a role of that name. Roles are seen in every database. */
function blockedBy(role: string): string {
  return `
    create function public.gated(integer) returns integer immutable language plpgsql as $$
    begin
      if pg_catalog.current_database() like '%\\_restore\\_%'
      and exists (select from pg_catalog.pg_roles where rolname = '${role}') then
        perform pg_catalog.pg_sleep(300);
      end if;
      return $1;
    end $$;
    create table public.gate (id integer);
    insert into public.gate values (1);
    create index on public.gate (public.gated(id));
    do $$ begin execute pg_catalog.format('alter table public.gate owner to %I', pg_catalog.current_database() || ' owner'); end $$;`;
}

async function sleepersBeside({ admin, live }: Incident): Promise<number> {
  const { rowCount } = await withClient(admin, (client) =>
    client.query(
      `select from pg_stat_activity where wait_event = 'PgSleep' and datname <> $1 and starts_with(datname, $1)`,
      [live.database],
    ),
  );
  return rowCount ?? 0;
}

function leaveTrace({ live }: Incident, database: string) {
  return withClient({ ...live, database }, (client) => client.query("insert into notes (note) values ('seen')"));
}

async function readDatabaseRow({ admin }: Incident, name: string) {
  const { rows } = await withClient(admin, (client) =>
    client.query<{ oid: string; comment: string | null }>(
      "select oid::text, shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1",
      [name],
    ),
  );
  return rows[0];
}

async function oidOf(incident: Incident, name: string): Promise<string | undefined> {
  return (await readDatabaseRow(incident, name))?.oid;
}

async function stateOf(incident: Incident, name: string): Promise<string | undefined> {
  return readMark((await readDatabaseRow(incident, name))?.comment ?? null)?.state;
}

async function setState(incident: Incident, name: string, state: string): Promise<void> {
  const mark = JSON.parse((await readDatabaseRow(incident, name))?.comment ?? '') as object;
  const text = pg.escapeLiteral(JSON.stringify({ ...mark, state }));
  await asAdmin(incident, `comment on database ${pg.escapeIdentifier(name)} is ${text}`);
}

function sha256({ taken }: Incident): string {
  return taken.manifest.sha256;
}

function asAdmin({ admin }: Incident, sql: string) {
  return withClient(admin, (client) => client.query(sql));
}
