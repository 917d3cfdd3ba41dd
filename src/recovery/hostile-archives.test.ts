import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpHarmless, plant } from '../../fixtures/hostile/archive.ts';
import { attacks, findDamage, findTraces, undoDamage, type Attack } from '../../fixtures/hostile/attacks.ts';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEngines } from '../../fixtures/testing/engines.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { backupSet } from '../backup/backup-set.ts';
import type { Login } from '../postgres/reader.ts';
import { openBackup } from '../../fixtures/testing/dumps.ts';
import { toolLimits } from '../rehearsal/limits.ts';
import type { ServedDatabase } from '../rehearsal/served-database.ts';
import { OperationalError } from '../system/operational-error.ts';
import { RecoveryServer } from './recovery-server.ts';
import { restoreBeside } from './restore-beside.ts';

const admin = 'rehearsal_admin';
const helper: Login = { user: 'live_helper', password: 'no secret here' };
const admins = [admin, helper.user];
const waysIn = /^an? (check|trigger|index|materialised|function of|event)|^ALTER ROLE/;
const modes = [
  { mode: 'everything for the owner', format: 'custom', ownership: 'runbook', as: {}, tried: /./ },
  { mode: 'everything for the owner, from plain SQL', format: 'plain', ownership: 'runbook', as: {}, tried: waysIn },
  { mode: 'objects for several roles', format: 'custom', ownership: 'preserve', as: {}, tried: waysIn },
  {
    mode: 'everything for the owner, by no superuser',
    format: 'custom',
    ownership: 'runbook',
    as: helper,
    tried: waysIn,
  },
] as const;

describeEngines('a hostile archive on a server that is not ours', (engine) => {
  const server = useServer(engine);

  describe.each(modes)('that is restored with $mode', ({ mode, format, ownership, as, tried }) => {
    const owner = `live_${format}_${ownership}${'user' in as ? '_helped' : ''}`;
    const attempts = attacks({ admin, owner }).filter(({ name }) => tried.test(name));
    const kindOf = ({ finding, works }: Attack) => `${mode}: ${finding ?? 'hidden'}, ${works}`;
    let served: ServedDatabase;
    let archive: Buffer;

    beforeAll(async () => {
      served = await serveDrill(server(), { ownership, database: { name: `db_${owner}`, owner } });
      archive = await dumpHarmless(served, format);
      if ('user' in as) await makeHelper(served);
    });
    afterAll(() => served.drill.run.dispose());

    test.each(sampleOf(attempts, engine === 'local' ? kindOf : () => mode))('with $name', async (attack) => {
      const { error, traces, damage } = await attackLive(attack);
      expect(damage).toEqual([]);
      if (attack.finding !== null) expect(error).toMatchObject({ code: 'RESTORE_FAILED' });
      else if (attack.works) expect(traces).not.toEqual([]);
      if (attack.finding === 'EXTENSION_NOT_PERMITTED') {
        expect((error as Error).message).toContain(
          `A dump gets the extensions that ${served.asOwner.database} has now`,
        );
      }
      const operator = expect.stringMatching(/^restore_rehearsal_operator_[0-9a-f]{12}$/) as string;
      for (const { session } of traces) expect(session).toEqual(operator);
      expect(await leftRoles()).toEqual([]);
    });

    test('with a statement that drops the live database', async () => {
      const sql = `drop database ${served.asOwner.database} with (force)`;
      const { error } = await attackLive({ name: 'DROP DATABASE', sql, finding: '*', works: true });
      expect(error).toMatchObject({ code: 'RESTORE_FAILED' });
      await withClient(served.asOwner, (client) => client.query('select from notes'));
    });

    /** Restores beside the database of the drill. What was refused is gone again; what was not can be looked into. */
    async function attackLive({ name, sql }: Attack) {
      const { profile, run } = served.drill;
      const file = join(run.directory, `${name.replace(/\W/g, '_')}.dump`);
      await writeFile(file, plant(archive, sql));
      const request = { backup: await openBackup(backupSet(file), run.directory), profile };
      const limits = toolLimits(served.drill);
      await using recovery = await RecoveryServer.open(served.asOwner.database, { ...server().admin, ...as }, server());
      const outcome = await restoreBeside(recovery, { ...request, limits, say: () => undefined }).catch(
        (error: unknown) => {
          if (error instanceof OperationalError) return error;
          throw error;
        },
      );
      try {
        if (outcome instanceof OperationalError) {
          return { error: outcome, traces: [], damage: await findDamage(served.asAdmin, admins) };
        }
        if (!('name' in outcome)) throw new Error(`It is ${outcome.verdict}.`);
        const restored = { ...server().admin, database: outcome.name };
        const found = { traces: await findTraces(restored), damage: await findDamage(restored, admins) };
        await withClient(server().admin, (client) =>
          client.query(`drop database ${pg.escapeIdentifier(outcome.name)} with (force)`),
        );
        return { error: null, ...found };
      } finally {
        await undoDamage(served);
      }
    }
  });

  async function leftRoles(): Promise<string[]> {
    return withClient(server().admin, async (client) => {
      const { rows } = await client.query<{ rolname: string }>(
        "select rolname::text from pg_roles where rolname ~ '^restore_rehearsal_operator_'",
      );
      return rows.map(({ rolname }) => rolname);
    });
  }

  /** Rights of an administrator as managed servers give them. */
  async function makeHelper({ asOwner }: ServedDatabase) {
    await withClient(server().admin, async (client) => {
      const { rows } = await client.query<{ since16: boolean }>(
        "select current_setting('server_version_num')::int >= 160000 as since16",
      );
      await client.query(`create role ${helper.user} login createdb createrole password '${helper.password}'`);
      await client.query(`grant ${asOwner.user} to ${helper.user}`);
      if (rows[0]?.since16 === true) {
        await client.query(`grant pg_read_all_data to ${helper.user} with admin option`);
      }
    });
  }
});
