import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { dumpHarmless, plant } from '../../fixtures/hostile/archive.ts';
import { attacks, findDamage, undoDamage, type Attack } from '../../fixtures/hostile/attacks.ts';
import { makeDrill } from '../../fixtures/testing/drills.ts';
import { describeEngines } from '../../fixtures/testing/engines.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { createDatabase, dropDatabase } from '../postgres/database.ts';
import { openSnapshot } from '../snapshot/take.ts';
import { sealDump } from '../backup/seal-dump.ts';
import type { Drill } from './drill.ts';
import { snapshotOptions } from './limits.ts';
import { restoreInto } from './restore-database.ts';
import { checkStructure } from './steps/check-structure.ts';
import { compare } from './steps/compare.ts';

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

  describe.each(modes)('that is restored by $mode', ({ format, profile }) => {
    const trusting = 'restoreAs' in profile;
    const owner = `${format}_${Object.values(profile).join('_')}`;
    let drill: Drill;
    let archive: Buffer;

    beforeAll(async () => {
      drill = await makeDrill(server(), { ...profile, database: { name: `db_${owner}`, owner } });
      archive = await dumpHarmless(drill, format);
      drill.reference = await openSnapshot(drill.databaseAsReader, snapshotOptions(drill));
      drill.expected = drill.reference.snapshot;
    });
    afterAll(async () => {
      await drill.reference?.[Symbol.asyncDispose]();
      await drill.dispose();
    });

    test.each(attacks({ admin, owner }))('with $name', async (attack) => {
      const { findings, damage } = await rehearse(drill, attack, plant(archive, attack.sql));
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
    });
  });

  test('has the functions of its indexes evaluated as their tables’ owner, also by pg_amcheck', async () => {
    const owner = 'witnessed';
    const drill = await makeDrill(server(), { database: { name: owner, owner } });
    onTestFinished(async () => {
      await drill.dispose();
    });
    await withClient(drill.database, (client) =>
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
    const checked = await checkStructure(drill, say);
    expect(checked.findings).toEqual([]);
    await withClient(drill.databaseAsAdmin, async (client) => {
      const { rows } = await client.query('select distinct who from public.witness');
      expect(rows).toEqual([{ who: `${owner} for ${admin}` }]);
    });
  });

  async function rehearse(drill: Drill, { name, finding }: Attack, bytes: Buffer) {
    const file = join(drill.directory, `${name.replace(/\W/g, '_')}.dump`);
    await writeFile(file, bytes);
    drill.dump = await sealDump(file, drill.directory);
    drill.restoredName = `copy of ${drill.profile.database.name}`;
    await createDatabase(server().admin, drill.restored);
    try {
      const findings = await restoreAndRead(drill, finding);
      return { findings, damage: await findDamage(drill.restoredAsAdmin, [admin]) };
    } finally {
      await undoDamage(drill);
      await dropDatabase(server().admin, drill.restoredName);
    }
  }

  async function restoreAndRead(drill: Drill, finding: string | null) {
    const restored = await restoreInto(drill, drill.restored);
    if (finding === null) expect(restored.findings?.filter(({ severity }) => severity === 'error')).toEqual([]);
    const compared = await compare(drill, say);
    const checked = await checkStructure(drill, say);
    return [restored, compared, checked].flatMap(({ findings = [] }) => findings);
  }
});
