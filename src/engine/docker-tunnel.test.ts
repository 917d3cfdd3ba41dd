import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import type { Connection } from '../postgres/connection.ts';
import { startForwarder } from '../system/forwarder.ts';

describeEngine('docker', 'a tunnel into an internal network', (engine) => {
  const server = useServer(engine, { forContainers: true });

  test('carries connections, and neither harms the server nor stays behind', async () => {
    const { admin, containerNetwork } = server();
    const startedAt = await query(admin, 'select pg_postmaster_start_time()::text as answer');
    const tunnel = containerNetwork?.openTunnel ?? (() => Promise.reject(new Error('There is no tunnel.')));
    await using forwarder = await startForwarder(() => tunnel({ host: '127.0.0.1', port: 5432 }));
    const through = { ...admin, host: forwarder.host, port: forwarder.port };
    const large = "select repeat('x', 5000000) as answer";
    for (let round = 0; round < 4; round += 1) expect(await query(through, large)).toHaveLength(5_000_000);
    await expect(query(through, 'select pg_terminate_backend(pg_backend_pid())::text as answer')).rejects.toThrow();
    await expect.poll(() => countRelays(admin), { timeout: 10_000 }).toBe('0');
    expect(await query(admin, 'select pg_postmaster_start_time()::text as answer')).toBe(startedAt);
    expect(await query(admin, crashes)).toBe('0');
  });

  test('ends at once where nobody listens', async () => {
    const tunnel = await server().containerNetwork?.openTunnel?.({ host: '127.0.0.1', port: 1 });
    const received: unknown[] = [];
    for await (const chunk of tunnel ?? []) received.push(chunk);
    expect(received).toEqual([]);
    expect(tunnel).toBeDefined();
  });
});

/** A server that has restarted its sessions after a crash has given them younger background workers than itself. */
const crashes = `
  select count(*)::text as answer
  from pg_stat_activity
  where backend_type = 'checkpointer' and backend_start > pg_postmaster_start_time() + interval '3 seconds'`;

async function query(connection: Connection, sql: string): Promise<string | undefined> {
  return withClient(connection, async (client) => (await client.query<{ answer: string }>(sql)).rows[0]?.answer);
}

async function countRelays(admin: Connection): Promise<string | undefined> {
  return withClient(admin, async (client) => {
    await client.query('create temporary table found (answer text)');
    // Not with cat itself.
    const relays =
      'for file in /proc/[0-9]*/comm; do read -r name <$file && echo $name; done | grep -c "^cat$" || true';
    await client.query(`copy found from program ${pg.escapeLiteral(relays)}`);
    return (await client.query<{ answer: string }>('select answer from found')).rows[0]?.answer;
  });
}
