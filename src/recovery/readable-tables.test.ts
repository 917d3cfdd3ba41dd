import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeIncident } from '../../fixtures/testing/incidents.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { compareReadable } from './readable-tables.ts';
import { restoreBeside } from './restore-beside.ts';

describeEngine('local', 'what roles can read after a switch', (engine) => {
  const server = useServer(engine);

  test('is compared with what they could, by their own rights, by those of a column and of groups', async () => {
    const incident = await makeIncident(server());
    const { live, admin, withServer } = incident;
    const [app, group, stranger] = ['app', 'group', 'stranger'].map((name) => `${name} of ${live.database}`) as [
      string,
      string,
      string,
    ];
    const [member, ofMember] = [app, group].map((name) => pg.escapeIdentifier(name));
    await withClient({ ...admin, database: live.database }, (client) =>
      client.query(`
        create role ${ofMember};
        create role ${member} in role ${ofMember};
        create role ${pg.escapeIdentifier(stranger)};
        create table only_here (id integer);
        grant select on only_here to ${member};
        grant select (note) on notes to ${ofMember}`),
    );
    await withServer(async (opened, request) => {
      const restored = await restoreBeside(opened, request);
      if (restored.verdict !== 'verified') throw new Error(`It is ${restored.verdict}.`);
      const compare = () => compareReadable(opened, { before: live.database, now: restored.name }, [app, stranger]);
      expect(await compare()).toEqual([
        { role: app, before: 1, lost: ['public.notes'] },
        { role: stranger, before: 0, lost: [] },
      ]);
      await withClient({ ...admin, database: restored.name }, (client) =>
        client.query(`grant select on notes to ${ofMember}`),
      );
      expect(await compare()).toMatchObject([{ role: app, before: 1, lost: [] }, { role: stranger }]);
    });
  });
});
