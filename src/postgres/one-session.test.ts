import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { inOneSession, withClient, type Connection } from './connection.ts';

describeEngine('local', 'what is asked in one session', (engine) => {
  const server = useServer(engine);

  test('goes through the one that is open, and afterwards through one of its own', async () => {
    const owner = await createTestDatabase(server());
    const inside = await inOneSession(owner, async () => [
      await sessionOf({ ...owner }),
      await sessionOf({ ...owner }),
    ]);
    expect(new Set(inside).size).toBe(1);
    expect(inside).not.toContain(await sessionOf(owner));
  });

  test('does not hold what the work leaves behind', async () => {
    const owner = await createTestDatabase(server());
    let over: () => void = () => undefined;
    const isOver = new Promise<void>((resolve) => (over = resolve));
    const left = await inOneSession(owner, () => Promise.resolve([isOver.then(() => sessionOf(owner))]));
    over();
    expect(await Promise.all(left)).toEqual([expect.any(Number)]);
  });

  test('is only what is asked of the same database by the same role', async () => {
    const owner = await createTestDatabase(server());
    const others = { ...server().admin, database: owner.database };
    const [same, other] = await inOneSession(owner, async () => [await sessionOf(owner), await sessionOf(others)]);
    expect(other).not.toBe(same);
  });

  test('fails as it does in a session of its own, and the next statement is answered', async () => {
    const owner = await createTestDatabase(server());
    await inOneSession(owner, async () => {
      await expect(withClient(owner, (client) => client.query('select 1/0'))).rejects.toThrow('division by zero');
      await expect(
        withClient(owner, (client) =>
          client.query('select pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())'),
        ),
      ).rejects.toMatchObject({ code: 'SERVER_LOST' });
    });
    expect(await sessionOf(owner)).toBeGreaterThan(0);
  });
});

async function sessionOf(connection: Connection): Promise<number | undefined> {
  return withClient(connection, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
    return rows[0]?.pid;
  });
}
