import { beforeAll, describe, expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { pgbouncerVersion, startPgbouncer } from '../../fixtures/testing/pgbouncers.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { databaseUrl, type Connection } from '../postgres/connection.ts';
import { readEnvironment } from '../system/environment.ts';
import { refusesOptions } from './pooler.ts';
import { openUrl } from './url-source.ts';

test.for([
  'unsupported startup parameter: options',
  'unsupported startup parameter in options: search_path',
  "Feature not supported: RDS Proxy currently doesn't support command-line options.",
])('a pooler that takes no options is known by its answer: %s', (message) => {
  expect(refusesOptions(new Error(message))).toBe(true);
});

describe.skipIf(pgbouncerVersion === null)('behind pgbouncer', () => {
  describeEngine('local', 'a database', (engine) => {
    const server = useServer(engine);
    let owner: Connection;

    beforeAll(async () => {
      owner = { ...(await createTestDatabase(server())), ...(await server().openPort()) };
      await withClient(owner, (client) =>
        client.query('create table public.notes as select n from generate_series(1, 9) n'),
      );
      await withClient({ ...server().admin, database: owner.database }, (client) =>
        client.query(`alter database "${owner.database}" set standard_conforming_strings = off`),
      );
    });

    /** pgbouncer's own settings in `lines`. Resolves with the way through it. */
    async function pool(lines: string[]): Promise<Connection> {
      const port = await startPgbouncer(owner, lines);
      const directory = await makeWorkspace();
      const through = { ...owner, port };
      const up = () => openUrl(databaseUrl(through), readEnvironment(), directory).then(String, String);
      await expect.poll(up, { timeout: 20_000, interval: 200 }).not.toContain('ECONNREFUSED');
      return through;
    }

    test.for([
      ['that refuses options', []],
      ['that takes options and forgets them', ['ignore_startup_parameters = options,extra_float_digits']],
    ] as [string, string[]][])('is backed up through a pool of sessions %s', async ([, lines]) => {
      const through = await pool(['pool_mode = session', ...lines]);
      const directory = await makeWorkspace();
      await using source = await openUrl(databaseUrl(through), readEnvironment(), directory);
      expect(source.connection.pooled).toBe(true);
      const limits = { timeoutMs: 30_000 };
      const taken = await takeBackup(source, {
        directory,
        limits,
        ownership: 'runbook',
        format: 'custom',
        compression: undefined,
      });
      expect(taken.manifest.snapshot.tables).toMatchObject([{ name: 'notes', rows: 9 }]);
    });

    test.for([
      ['transaction', []],
      ['transaction', ['ignore_startup_parameters = options']],
      ['statement', []],
    ] as [string, string[]][])(
      'is not read through a pool of %s mode, and what helps is said: %j',
      async ([mode, lines]) => {
        const through = await pool([`pool_mode = ${mode}`, ...lines]);
        await expect(openUrl(databaseUrl(through), readEnvironment(), await makeWorkspace())).rejects.toMatchObject({
          code: 'POOLER_IN_BETWEEN',
          message: expect.stringMatching(
            /Give the address of the server itself .*, or a pool with pool_mode = session\.$/,
          ) as string,
        });
      },
    );
  });
});
