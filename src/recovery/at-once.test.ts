import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { setStage, switchAsCommand, switchTo } from '../../fixtures/testing/incident-stage.ts';
import { makeIncident, rowsBackedUp, rowsLeft } from '../../fixtures/testing/incidents.ts';
import { openGate, type MessageGate } from '../../fixtures/testing/message-gate.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import type { RecoveryServer } from './recovery-server.ts';
import { rollBack } from './switch-over.ts';

const goBack = (server: RecoveryServer) => rollBack(server, new Date());

describeEngine('local', 'two at once', (engine) => {
  const server = useServer(engine);

  test.for([
    ['the same database', ['postgres', 'postgres']],
    ['two databases of the server', ['postgres', 'template1']],
  ] as const)('who restore the same backup from %s do it once', async ([, databases]) => {
    const { start, taken, admin, countNotes, others } = await makeIncident(server());
    const ended = await Promise.all(
      databases.map((database) =>
        start(
          ...['--backup', taken.set.dump, '--switch'],
          ...['--url', `postgres://${admin.user}@${admin.host}:${admin.port}/${database}`],
        ),
      ),
    );
    const output = ended.map(({ all }) => all).join('\n');
    // Whoever waited too long for the other one says so.
    for (const { exitCode, all } of ended) {
      if (exitCode !== 0) expect(all).toContain('Another restore beside');
    }
    expect(
      ended.some(({ exitCode }) => exitCode === 0),
      output,
    ).toBe(true);
    expect(output.match(/is the restored database now/g)).toHaveLength(1);
    expect(await countNotes()).toBe(rowsBackedUp);
    expect(await others()).toEqual([expect.stringContaining('_before_')]);
  });

  test('a rollback during a switch waits, and takes it back', async () => {
    const stage = await setStage(server());
    await stage.set('restored');
    const gate = await openGate({ host: stage.admin.host, port: stage.admin.port });
    const { isHeld, letGo } = holdAt(gate, / rename to /);
    const restored = await stage.readRestored();
    const switching = stage.withServer((opened) => switchTo(opened, restored), gate.address);
    await isHeld;
    const back = stage.withServer(goBack);
    await waitsForLock(stage);
    letGo();
    await switching;
    expect(await back).toMatchObject({ putAside: expect.stringContaining('_restore_') as string });
    expect(await stage.countNotes()).toBe(rowsLeft);
    expect(await stage.others()).toEqual([expect.stringContaining('_restore_')]);
  });

  test('a restore during a rollback waits, and switches to the backup again', async () => {
    const stage = await setStage(server());
    await stage.set('switched');
    const gate = await openGate({ host: stage.admin.host, port: stage.admin.port });
    const { isHeld, letGo } = holdAt(gate, / rename to /);
    const back = stage.withServer(goBack, gate.address);
    await isHeld;
    const restoring = stage.withServer(switchAsCommand);
    await waitsForLock(stage);
    letGo();
    await back;
    await restoring;
    expect(await stage.countNotes()).toBe(rowsBackedUp);
    const others = await stage.others();
    expect(others).toHaveLength(2);
    expect(others).toContainEqual(expect.stringContaining('_before_'));
  });
});

/** Holds messages with such a statement until they are let go. */
function holdAt(gate: MessageGate, statement: RegExp) {
  const held = new EventEmitter();
  const isHeld = once(held, 'held');
  const isFree = once(held, 'free');
  gate.ask(async ({ sql }) => {
    if (sql !== null && statement.test(sql)) {
      held.emit('held');
      await isFree;
    }
    return 'through' as const;
  });
  return { isHeld, letGo: () => held.emit('free') };
}

function waitsForLock({ ask }: Awaited<ReturnType<typeof setStage>>) {
  const waiting = "select from pg_locks where locktype = 'advisory' and not granted";
  return expect.poll(async () => (await ask(waiting)).length, { timeout: 30_000, interval: 50 }).toBe(1);
}
