import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readOptions } from './read-options.ts';
import { restoreCommand } from './restore.ts';

const url = 'postgres://admin@host/postgres';

test('flags win over variables, and every flag has one', () => {
  const env = {
    REHEARSAL_URL: 'postgres://other@host/postgres',
    REHEARSAL_BACKUP: 'a.dump',
    REHEARSAL_CONFIG: 'b.mjs',
  };
  expect(read(['--url', url], env)).toEqual({
    ...{ config: resolve('b.mjs'), backup: resolve('a.dump'), url, switch: false, rollback: false },
    ...{ new: false, composeService: null, composeProject: null, composeUser: null },
    ...{
      acceptDifferences: false,
      allRights: false,
      to: null,
      ...{ table: [], schema: [], diff: [], with: null, keys: 20, at: null, fromOffsite: false, dir: null, disk: null },
      ...{ list: false, clean: false, yes: false },
      pooler: null,
    },
  });
  expect(read([], { ...env, REHEARSAL_SWITCH: '1' })).toMatchObject({ switch: true, url: env.REHEARSAL_URL });
  const accepted = { acceptDifferences: true, allRights: true };
  const variables = { REHEARSAL_ACCEPT_DIFFERENCES: 'true', REHEARSAL_ALL_RIGHTS: '1' };
  expect(read(['--switch'], { ...env, ...variables })).toMatchObject(accepted);
  expect(read(['--switch', '--accept-differences', '--all-rights'], env)).toMatchObject(accepted);
  expect(read(['--url', url, '--rollback'])).toMatchObject({ backup: null, rollback: true });
  expect(read(['--table', 'a', '--table', 'b,c', '--schema', 'd'])).toMatchObject({
    table: ['a', 'b,c'],
    schema: ['d'],
  });
  // The variable is where copies off-host go.
  expect(read(['--rollback'], { REHEARSAL_TO: 'remote:path' })).toMatchObject({ to: null });
  expect(read(['--rollback', '--to', 'shop_before'])).toMatchObject({ to: 'shop_before' });
});

test.for([
  [[], 'give --url'],
  [['--url', url], 'give --backup'],
  [['--url', url, '--switch'], 'give --backup'],
  [['--url', url, '--backup', 'a', '--switch', '--rollback'], 'opposite'],
  [['--url', url, '--backup', 'a', '--to', 'b'], '--rollback'],
  [['--url', url, '--backup', 'a', '--switch', '--table', 'b'], 'never takes the place'],
  [['--url', url, '--backup', 'a', '--switch', '--schema', 'b'], 'never takes the place'],
  [['--url', url, '--rollback', '--table', 'b'], '--rollback takes none'],
  [['--url', url, '--diff', 'b', '--switch', '--backup', 'a'], 'only compares'],
  [['--url', url, '--backup', 'a', '--with', 'b'], '--with says'],
  [['--url', url, '--backup', 'a', '--at', '2026-02-09'], 'one of the two'],
  [['--url', url, '--backup', 'a', '--dir', 'b'], '--dir says'],
  [['--url', url, '--backup', 'a', '--from-offsite'], 'fetches a backup'],
  [['--url', url, '--rollback', '--from-offsite'], 'takes none'],
  [['--url', url, '--rollback', '--at', '2026-02-09'], 'takes none'],
  [['--url', url, '--compose-service', 'db', '--backup', 'a'], 'name one of them'],
  [['--url', url, '--compose-user', 'b', '--backup', 'a'], '--compose-user goes with'],
  [['--url', url, '--compose-project', 'b', '--backup', 'a'], '--compose-project goes with'],
  [['--url', url, '--new'], 'give --backup'],
  [['--list'], 'give --url'],
  [['--url', url, '--list', '--clean'], 'without --list'],
  [['--url', url, '--yes', '--backup', 'a'], '--yes goes with --clean'],
  [['--url', url, '--clean', '--switch'], '--clean goes with a server alone'],
  [['--url', url, '--list', '--table', 'a'], '--list goes with a server alone'],
  [['--url', url, '--new', '--backup', 'a', '--switch'], '--new makes'],
  [['--url', url, '--new', '--rollback'], '--new makes'],
  [['--url', url, '--new', '--backup', 'a', '--table', 'b'], '--new makes'],
] as [string[], string][])('%s cannot be used', async ([argv, problem]) => {
  await expect(restoreCommand.run(read(argv), [])).rejects.toThrow(
    expect.objectContaining({ code: 'BAD_USAGE', message: expect.stringContaining(problem) as string }) as Error,
  );
});

test.for([
  [['a.dump'], 'takes flags only'],
  [['--swich'], 'did you mean --switch'],
  [['--at', 'yesterday'], '--at takes a time like'],
] as [string[], string][])('%s cannot be read', ([argv, problem]) => {
  expect(() => read(argv)).toThrow(problem);
});

function read(argv: string[], env: NodeJS.ProcessEnv = {}) {
  return readOptions(restoreCommand, argv, env)?.options ?? expect.fail('it asks for help');
}
