import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import type { ServedDatabase } from './served-database.ts';

const onDatabase = (what: string) =>
  `do $$ begin execute format('${what}', current_database()); end $$;\ncreate table public.notes (n int);\nCOPY public.notes (n) FROM stdin;\n1\n\\.\n`;

describeEngine('local', 'what a dump does to its own sessions', (engine) => {
  const server = useServer(engine);
  let made: ServedDatabase;

  beforeAll(async () => {
    made = await serveDrill(server(), {});
  });
  afterAll(() => made.drill.run.dispose());

  async function rehearse(sql: string): Promise<string[]> {
    const file = join(await makeWorkspace(), 'own.sql');
    const [start, end] = ['dump', 'dump complete'].map((what) => `--\n-- PostgreSQL database ${what}\n--\n\n`);
    await writeFile(file, `${start}${sql}\n\n${end}`);
    const { metas } = await rehearseBackup(made, file);
    return metas.flatMap(({ contribution: { findings = [] }, error }) => [
      ...findings.filter(({ severity }) => severity === 'error').map(({ rule, message }) => `${rule}: ${message}`),
      ...(error === null ? [] : [`${error.code}: ${error.message}`]),
    ]);
  }

  describe('is named as its doing where it', () => {
    test.for([
      [
        'lets no session in',
        onDatabase('alter database %I connection limit 0'),
        /^DATABASE_CLOSED_BY_DUMP: .*CONNECTION LIMIT 0/,
      ],
      [
        'lets nobody in',
        onDatabase('revoke connect on database %I from public'),
        /^DATABASE_CLOSED_BY_DUMP: .*REVOKE CONNECT/,
      ],
      [
        'ends its backend',
        'select pg_terminate_backend(pg_backend_pid());',
        /^SESSION_ENDED_BY_DUMP: .*administrator command/,
      ],
      [
        'ends its backend in a block',
        'do $$ begin perform pg_terminate_backend(pg_backend_pid()); end $$;',
        /^SESSION_ENDED_BY_DUMP: .*administrator command/,
      ],
      [
        'takes a millisecond for itself',
        "set statement_timeout = '1ms';\nselect pg_sleep(1);",
        /^SESSION_ENDED_BY_DUMP: .*statement timeout/,
      ],
    ] as [string, string, RegExp][])('%s', async ([, sql, named]) => {
      const [first, ...others] = await rehearse(sql);
      expect(first).toMatch(named);
      expect(others.filter((each) => each.startsWith('INTERNAL'))).toEqual([]);
    });
  });

  test.for([
    ['timeouts of the database', onDatabase('alter database %I set statement_timeout = 1')],
    ['a role', onDatabase('alter database %I set role = pg_monitor')],
    ['a library that is not there', onDatabase('alter database %I set local_preload_libraries = nothing')],
    ['reading alone', onDatabase('alter database %I set default_transaction_read_only = on')],
  ] as [string, string][])('reaches no session of ours: %s', async ([, sql]) => {
    expect(await rehearse(sql)).toEqual([]);
  });
});
