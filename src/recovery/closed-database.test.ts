import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeIncident, rowsBackedUp, rowsLeft } from '../../fixtures/testing/incidents.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';

describeEngine('local', 'a live database that somebody has closed', (engine) => {
  const server = useServer(engine);

  test('stays closed, and a template, by a switch and by a rollback', async () => {
    const { live, admin, restore, countNotes, others } = await makeIncident(server());
    const database = pg.escapeIdentifier(live.database);
    const ask = async (sql: string) =>
      (await withClient(admin, (client) => client.query<Record<string, unknown>>(sql))).rows[0];
    const options = () =>
      ask(
        `select datallowconn as open, datistemplate as template from pg_database where datname = ${pg.escapeLiteral(live.database)}`,
      );
    const countInside = async () => {
      await ask(`alter database ${database} allow_connections true`);
      const rows = await countNotes();
      await ask(`alter database ${database} allow_connections false`);
      return rows;
    };
    await ask(`alter database ${database} allow_connections false is_template true`);

    const refused = await restore('--switch');
    expect(refused.exitCode).toBe(2);
    expect(refused.all).toContain(`The database ${live.database} is closed: it lets nobody in`);
    expect(refused.all).not.toContain('pg_hba.conf');
    expect(await options()).toEqual({ open: false, template: true });

    const switched = await restore('--switch', '--accept-differences');
    expect(switched.exitCode).toBe(0);
    expect(switched.all).toContain(`${live.database} is closed, as it was`);
    expect(await options()).toEqual({ open: false, template: true });
    expect(await countInside()).toBe(rowsBackedUp);

    expect((await restore('--rollback')).exitCode).toBe(0);
    expect(await options()).toEqual({ open: false, template: true });
    expect(await countInside()).toBe(rowsLeft);
    expect(await others()).toHaveLength(1);
  });
});
