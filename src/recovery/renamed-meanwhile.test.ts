import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { setStage, switchTo, type Scene, type Stage } from '../../fixtures/testing/incident-stage.ts';
import { openGate, type MessageGate } from '../../fixtures/testing/message-gate.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { RecoveryServer } from './recovery-server.ts';
import { rollBack } from './switch-over.ts';

interface Names {
  live: string;
  /** The database beside it. */
  other: string;
}

/** What somebody with psql does, from a database that is none of these. */
const acts = {
  'renames the live database': ({ live }: Names) => [rename(live, `${live} of somebody`)],
  'renames the other one': ({ live, other }: Names) => [rename(other, `${live} of somebody`)],
  'exchanges both by hand': ({ live, other }: Names) => [rename(live, `${live} of somebody`), rename(other, live)],
  'puts an empty one in place of the live one': ({ live }: Names) => [
    rename(live, `${live} of somebody`),
    `create database ${pg.escapeIdentifier(live)}`,
  ],
  'drops the other one': ({ other }: Names) => [`drop database ${pg.escapeIdentifier(other)}`],
};
type Act = keyof typeof acts;

/** Before which statement that happens. By the second renaming, the live one is locked. */
const moments: Record<Scene, [string, RegExp][]> = {
  restored: [
    ['rights are compared', /datdba/],
    ['somebody can read the restored one', /^create role "restore_rehearsal_reader/],
    ['rights are given to it', /hasRightsOfLive/],
    ['its properties are given to it', /connection limit 44/],
    ['they are read again', /pg_snapshot_xmax/],
    ['names are exchanged', / rename to .*_before_/],
    ['the restored one is renamed', /_restore_.* rename to/],
  ],
  switched: [
    ['it is planned', /datallowconn/],
    ['obstacles are looked for', /pg_prepared_xacts/],
    ['names are exchanged', / rename to .*_restore_/],
    ['the kept one is renamed', /_before_.* rename to/],
  ],
};

const works: Record<Scene, (server: RecoveryServer, stage: Stage) => Promise<unknown>> = {
  restored: async (server, stage) => switchTo(server, await stage.readRestored()),
  switched: (server) => rollBack(server, new Date()),
};

describeEngine('local', 'where somebody', (engine) => {
  const server = useServer(engine);

  test.for(['restored', 'switched'] as const)(
    'renames databases in between, one of the two goes through, and nothing is lost [%s]',
    { timeout: 3_600_000 },
    async (scene) => {
      const stage = await setStage(server());
      const gate = await openGate({ host: stage.admin.host, port: stage.admin.port });
      const failures: string[] = [];
      for (const { act, when, before } of sampleOf(listTrials(moments[scene]), (trial) => trial.act)) {
        await tryOut(act, before, { stage, gate, scene }).catch((error: unknown) => {
          failures.push(`${act}, before ${when}: ${String(error)}`);
        });
      }
      expect(failures).toEqual([]);
    },
  );

  test('takes back what the restored one was given, nothing is switched', async () => {
    const stage = await setStage(server());
    await stage.set('restored');
    const [restored = ''] = await stage.others();
    const gate = await openGate({ host: stage.admin.host, port: stage.admin.port });
    const names = await readNames(stage);
    // Once all of it is given, and before that is looked at.
    const awaited = [/connection limit 44/, /^commit/, /./];
    gate.ask(async ({ sql }) => {
      if (sql === null || awaited[0]?.test(sql) !== true) return 'through' as const;
      awaited.shift();
      if (awaited.length === 0) await stage.ask(`alter database ${pg.escapeIdentifier(restored)} connection limit 3`);
      return 'through' as const;
    });
    const switching = stage.withServer((opened) => works.restored(opened, stage), gate.address);
    await expect(switching).rejects.toMatchObject({
      code: 'SWITCH_FAILED',
      message: expect.stringContaining(
        `The connection limit of ${stage.live.database} could not be given to`,
      ) as string,
    });
    expect(awaited).toEqual([]);
    expect(await readNames(stage)).toEqual(names);
  });
});

interface Trial {
  act: Act;
  when: string;
  before: RegExp;
}

/** Every act in every moment, save those that have to wait for the transaction by then. */
function listTrials(all: [string, RegExp][]): Trial[] {
  return all.flatMap(([when, before], index) =>
    (Object.keys(acts) as Act[])
      .filter((act) => index < all.length - 1 || act.includes('the other one'))
      .map((act) => ({ act, when, before })),
  );
}

interface Setting {
  stage: Stage;
  gate: MessageGate;
  scene: Scene;
}

async function tryOut(act: Act, before: RegExp, { stage, gate, scene }: Setting): Promise<void> {
  await stage.set(scene);
  const { live } = stage;
  const [other = ''] = await stage.others();
  const oids = await readNames(stage);
  const held = { name: '', after: new Map<string, string>() };
  const error = await stage
    .withServer(async (opened) => {
      gate.ask(async ({ sql }) => {
        if (held.name !== '' || sql === null || !before.test(sql)) return 'through' as const;
        held.name = sql;
        for (const statement of acts[act]({ live: live.database, other })) await stage.ask(statement);
        held.after = await readNames(stage);
        return 'through' as const;
      });
      await works[scene](opened, stage);
    }, gate.address)
    .then(
      () => null,
      (thrown: unknown) => thrown,
    );
  gate.ask(null);
  expect(held.name, 'the statement was sent').not.toBe('');
  const now = await readNames(stage);
  // What came of it is told, and what somebody has named stays so; or all is as if nobody had come between.
  const isDone = error === null;
  if (isDone) {
    expect(now.get(live.database)).toBe(oids.get(other));
    // Who switches has put aside what was live, and nothing else is.
    const [aside] = [...now].find(([, oid]) => oid === oids.get(live.database)) ?? [''];
    if (scene === 'restored') expect(aside).toContain('_before_');
  } else {
    expect(error).toBeInstanceOf(OperationalError);
    expect((error as OperationalError).message).toMatch(
      /renamed|dropped|does not exist|no database|another one|replaced/,
    );
    expect(now).toEqual(held.after);
  }
  for (const oid of [oids.get(live.database), ...(act.startsWith('drops') ? [] : [oids.get(other)])]) {
    expect([...now.values()]).toContain(oid);
  }
  // Who has restored is gone with the next start, at the latest.
  await stage.withServer(() => Promise.resolve());
  expect(await stage.temporaryRoles()).toEqual([]);
}

/** Oids by the names of databases that concern this. */
async function readNames({ ask, live }: Stage): Promise<Map<string, string>> {
  const rows = await ask<{ name: string; oid: string }>(
    'select datname::text as name, oid::text from pg_database where starts_with(datname, $1) order by datname',
    [live.database],
  );
  return new Map(rows.map(({ name, oid }) => [name, oid]));
}

function rename(from: string, to: string): string {
  return `alter database ${pg.escapeIdentifier(from)} rename to ${pg.escapeIdentifier(to)}`;
}
