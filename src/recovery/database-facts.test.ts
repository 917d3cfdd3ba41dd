import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeIncident, rowsBackedUp, type Incident } from '../../fixtures/testing/incidents.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import type { DatabaseFacts } from './database-facts.ts';
import { restoreBeside } from './restore-beside.ts';
import { switchOver } from './switch-over.ts';

describeEngine('local', 'what belongs to the live database and is in no dump', (engine) => {
  const server = useServer(engine);

  test('is that of the restored one after a switch, whoever granted it, and whatever an earlier try had given', async () => {
    const incident = await makeIncident(server());
    const { live, admin } = incident;
    const names = [live.database, live.user, `manager of ${live.database}`, `reader of "${live.database}"`];
    const [database, owner, manager, reader] = names.map((name) => pg.escapeIdentifier(name)) as [
      string,
      string,
      string,
      string,
    ];
    const ask = (...statements: string[]) =>
      withClient(admin, async (client) => {
        for (const statement of statements) await client.query(statement);
      });
    await ask(
      `create role ${manager}`,
      `create role ${reader}`,
      `comment on database ${database} is 'of the shop'`,
      `alter database ${database} connection limit 17`,
      `alter database ${database} set work_mem to '7MB'`,
      `alter role ${reader} in database ${database} set search_path to '$user', notes`,
      `grant create, temporary on database ${database} to ${manager} with grant option`,
      `set role ${manager}`,
      // Two grantors for one grantee, and one of them lets it be passed on.
      `grant create on database ${database} to ${reader} with grant option`,
      'reset role',
      `grant create on database ${database} to ${reader}`,
      `revoke connect on database ${database} from public`,
      `grant connect on database ${database} to ${owner}`,
    );
    // A try that came to nothing, of a time when the live database had more.
    await ask(
      `grant connect on database ${database} to pg_monitor with grant option`,
      `alter role ${manager} in database ${database} set work_mem to '9MB'`,
      `alter database ${database} set statement_timeout to '1h'`,
    );
    await incident.withServer(async (opened, request) => {
      const restored = await restoreBeside(opened, request);
      if (restored.verdict !== 'verified') throw new Error(`It is ${restored.verdict}.`);
      expect(await opened.carryOver(restored.name, restored.facts)).toEqual([]);
    });
    await ask(
      `revoke connect on database ${database} from pg_monitor`,
      `alter role ${manager} in database ${database} reset all`,
      `alter database ${database} reset statement_timeout`,
    );
    const before = await readFacts(incident);
    await switchLive(incident);
    expect(await readFacts(incident)).toEqual(before);
    expect(before).toMatchObject({ comment: 'of the shop', connectionLimit: 17 });
    expect(before.grants).toContainEqual({
      grantee: `reader of "${live.database}"`,
      privilege: 'CREATE',
      grantable: true,
    });
    expect(await incident.countNotes()).toBe(rowsBackedUp);
  });

  test('keeps a database from being switched to that may not have its security label', async () => {
    const incident = await makeIncident(server());
    // What a provider has written that is not loaded now.
    await withClient(incident.admin, (client) =>
      client.query(
        `insert into pg_shseclabel (objoid, classoid, provider, label)
        select oid, 'pg_database'::regclass, 'a provider', 'secret' from pg_database where datname = $1`,
        [incident.live.database],
      ),
    );
    expect(await readFacts(incident)).toMatchObject({ securityLabels: [{ provider: 'a provider', label: 'secret' }] });
    await expect(switchLive(incident)).rejects.toMatchObject({
      code: 'SWITCH_FAILED',
      message: expect.stringMatching(/"a provider" is not loaded.*shared_preload_libraries.*start again/) as string,
    });
    expect(await incident.others()).toEqual([expect.stringContaining('_restore_')]);
  });
});

function switchLive({ withServer }: Incident) {
  return withServer(async (opened, request) => {
    const restored = await restoreBeside(opened, request);
    if (restored.verdict !== 'verified') throw new Error(`It is ${restored.verdict}.`);
    return switchOver(opened, restored, new Date(), { cost: { kind: 'no-live' }, accepted: true });
  });
}

/** Grants and settings in an order of their own. */
function readFacts({ withServer, live }: Incident): Promise<Omit<DatabaseFacts, 'locale'>> {
  return withServer(async (opened) => {
    const found = (await opened.readFacts(live.database)) ?? expect.fail('It is gone.');
    const { owner, comment, connectionLimit, allowConnections, isTemplate, tablespace, encoding } = found;
    const sorted = <T>(values: T[]) => values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    return {
      ...{ owner, comment, connectionLimit, allowConnections, isTemplate, tablespace, encoding },
      grants: sorted(found.grants),
      settings: sorted(found.settings),
      securityLabels: found.securityLabels,
    };
  });
}
