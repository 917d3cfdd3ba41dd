import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { dumpHarmless, plant } from '../../fixtures/hostile/archive.ts';
import { attacks, findDamage, undoDamage, type Attack } from '../../fixtures/hostile/attacks.ts';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEngines } from '../../fixtures/testing/engines.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { createDatabase, dropDatabase } from '../postgres/database.ts';
import { backupSet } from '../backup/backup-set.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { takeSnapshot } from '../snapshot/take.ts';
import { openBackup } from '../../fixtures/testing/dumps.ts';
import { snapshotOptions } from './snapshot-options.ts';
import { asRestored, RestoreSite } from './restore-site.ts';
import type { ServedDatabase } from './served-database.ts';
import { checkStructure } from './steps/check-structure.ts';
import { compareWithBackup } from './steps/compare.ts';
import { restoreInto } from './steps/restore.ts';

const admin = 'rehearsal_admin';
const say = () => undefined;
const modes = [
  { mode: 'the owner', format: 'custom', profile: { ownership: 'runbook' } },
  { mode: 'the operator', format: 'custom', profile: { ownership: 'preserve' } },
  { mode: 'the owner from plain SQL', format: 'plain', profile: { ownership: 'runbook' } },
  { mode: 'a superuser, as the profile says', format: 'custom', profile: { restoreAs: 'superuser' } },
] as const;

describeEngines('a hostile archive', (engine) => {
  const server = useServer(engine);

  describe.each(modes)('that is restored by $mode', ({ mode, format, profile }) => {
    const kindOf = ({ finding, works }: Attack) => `${mode}: ${finding ?? 'hidden'}, ${works}`;
    const trusting = 'restoreAs' in profile;
    const owner = `${format}_${Object.values(profile).join('_')}`;
    let served: ServedDatabase;
    let snapshot: Snapshot;
    let archive: Buffer;

    beforeAll(async () => {
      served = await serveDrill(server(), { ...profile, database: { name: `db_${owner}`, owner } });
      archive = await dumpHarmless(served, format);
      snapshot = await takeSnapshot(served.asReader, snapshotOptions(served));
    });
    afterAll(() => served.drill.run.dispose());

    test.each(sampleOf(attacks({ admin, owner }), engine === 'local' ? kindOf : () => mode))(
      'with $name',
      async (attack) => {
        const { findings, damage } = await rehearse(served, snapshot, attack, plant(archive, attack.sql));
        if (trusting) {
          expect(findings).toContainEqual(
            expect.objectContaining({ rule: 'RESTORED_AS_SUPERUSER', severity: 'warning' }),
          );
          if (attack.works) expect(damage).not.toEqual([]);
          return;
        }
        expect(damage).toEqual([]);
        const errors = findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
        expect(errors).not.toEqual([]);
        if (attack.finding === null) expect(errors).not.toContain('RESTORE_FAILED');
        else if (attack.finding !== '*') expect(errors[0]).toBe(attack.finding);
      },
    );
  });

  test('has the functions of its indexes evaluated as their tables’ owner, also by pg_amcheck', async () => {
    const owner = 'witnessed';
    const served = await serveDrill(server(), { database: { name: owner, owner } });
    onTestFinished(async () => {
      await served.drill.run.dispose();
    });
    await withClient(served.asOwner, (client) =>
      client.query(`
        create table witness (who text);
        create function tell() returns int language plpgsql as
          $$ begin insert into public.witness values (current_user || ' for ' || session_user); return 1; end $$;
        create function evil(int) returns int language plpgsql immutable as $$ begin return public.tell(); end $$;
        create table prey (id int);
        insert into prey values (1);
        create index on prey (evil(id));
        truncate witness;`),
    );
    const restored = asRestored(new RestoreSite(served));
    const checked = await checkStructure(served.drill, { restored }, say);
    expect(checked.findings).toEqual([]);
    await withClient(served.asAdmin, async (client) => {
      const { rows } = await client.query('select distinct who from public.witness');
      expect(rows).toEqual([{ who: `${owner} for ${admin}` }]);
    });
  });

  async function rehearse(served: ServedDatabase, snapshot: Snapshot, { name, finding }: Attack, bytes: Buffer) {
    const { run, profile } = served.drill;
    const file = join(run.directory, `${name.replace(/\W/g, '_')}.dump`);
    await writeFile(file, bytes);
    const site = new RestoreSite(served, `copy of ${profile.database.name}`);
    await createDatabase(server().admin, site.asOwner);
    try {
      const findings = await restoreAndRead(site, snapshot, file, finding);
      return { findings, damage: await findDamage(site.asAdmin, [admin]) };
    } finally {
      await undoDamage(served);
      await dropDatabase(server().admin, site.name);
    }
  }

  async function restoreAndRead(site: RestoreSite, snapshot: Snapshot, file: string, finding: string | null) {
    const { drill, reader } = site.served;
    const backup = await openBackup(backupSet(file), drill.run.directory);
    const opened = backup.format.open(backup.dump, reader);
    const restoration = await restoreInto(site, opened);
    if (finding === null) expect(restoration.findings?.filter(({ severity }) => severity === 'error')).toEqual([]);
    const restored = asRestored(site);
    const expected = { by: 'manifest', snapshot, serverVersion: null } as const;
    const compared = await compareWithBackup(drill, { restored, backup: { ...backup, expected, opened } }, say);
    const checked = await checkStructure(drill, { restored }, say);
    return [restoration, compared, checked].flatMap(({ findings = [] }) => findings);
  }
});
