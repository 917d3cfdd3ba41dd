import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { readTables } from './read-tables.ts';
import { currentDigest } from './digest-version.ts';
import type { TableSnapshot } from './table-snapshot.ts';

describeEngine('local', 'tables that are read together', (engine) => {
  const server = useServer(engine);
  const [tables, large] = [120, 37];

  test('are each counted and digested as it is alone, in the order of their names', async () => {
    const owner = await createTestDatabase(server());
    await withClient(owner, (client) => client.query(many(tables, large)));
    const together = await readAs(owner);
    const alone: TableSnapshot[] = [];
    for (const { name } of together) alone.push(...(await readAs(owner, name)));
    expect(together).toEqual(alone);
    expect(together.map(({ name }) => name)).toEqual(together.map(({ name }) => name).toSorted());
    expect(together.map(({ rows }) => rows)).toContain(2000);
    expect(new Set(together.map(({ digest }) => digest)).size).toBe(tables);
  });

  test('tell which of them may not be read, and all others are', async () => {
    const owner = await createTestDatabase(server());
    await withClient(owner, (client) => client.query(many(tables, large)));
    const reader = { ...server().admin, database: owner.database };
    const whole = await readAs(reader);
    await withClient(reader, (client) =>
      client.query(
        'revoke all on t050 from current_user; alter table t051 owner to current_user; revoke all on t051 from public',
      ),
    );
    await withClient(owner, (client) => client.query('revoke all on t050 from current_user'));
    const read = await readAs(owner);
    expect(read.filter(({ notRead }) => notRead !== null)).toEqual([
      expect.objectContaining({ name: 't050', notRead: 'permission denied for table t050', digest: null }),
      expect.objectContaining({ name: 't051', notRead: 'permission denied for table t051', digest: null }),
    ]);
    const others = (all: TableSnapshot[]) => all.filter(({ name }) => name !== 't050' && name !== 't051');
    expect(others(read)).toEqual(others(whole));
  });
});

/** Tables that are unlike each other; one is too large to be read with others. */
function many(count: number, large: number): string {
  return `do $$ begin for n in 1..${count} loop
    execute format('create table t%s (id int, "a %s" text)', lpad(n::text, 3, '0'), n);
    execute format('insert into t%s select n, md5(n::text) from generate_series(1, %s) n', lpad(n::text, 3, '0'),
      case when n = ${large} then 2000 else n end);
  end loop; end $$; analyze`;
}

async function readAs(connection: Parameters<typeof withClient>[0], only?: string): Promise<TableSnapshot[]> {
  return withClient(connection, async (client) => {
    await client.query('begin transaction isolation level repeatable read, read only');
    return readTables({ client, digestVersion: currentDigest }, ({ name }) => only === undefined || name === only);
  });
}
