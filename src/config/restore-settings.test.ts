import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readRestoreSettings } from './restore-settings.ts';

const url = 'postgres://admin@host/postgres';

test('flags win over variables, and every flag has one', () => {
  const env = {
    REHEARSAL_URL: 'postgres://other@host/postgres',
    REHEARSAL_BACKUP: 'a.dump',
    REHEARSAL_CONFIG: 'b.mjs',
  };
  expect(readRestoreSettings(['--url', url], env)).toEqual({
    ...{ config: 'b.mjs', backup: resolve('a.dump'), url, action: 'restore' },
    ...{ acceptLostRights: false, allRights: false },
  });
  expect(readRestoreSettings([], { ...env, REHEARSAL_SWITCH: '1' }).action).toBe('switch');
  const accepted = { acceptLostRights: true, allRights: true };
  const variables = { REHEARSAL_ACCEPT_LOST_RIGHTS: 'true', REHEARSAL_ALL_RIGHTS: '1' };
  expect(readRestoreSettings(['--switch'], { ...env, ...variables })).toMatchObject(accepted);
  expect(readRestoreSettings(['--switch', '--accept-lost-rights', '--all-rights'], env)).toMatchObject(accepted);
  expect(readRestoreSettings(['--url', url, '--rollback'], {})).toMatchObject({ backup: null, action: 'rollback' });
  expect(readRestoreSettings(['--help'], {}).action).toBe('help');
});

test.for([
  [[], 'give --url'],
  [['--url', url], 'give --backup'],
  [['--url', url, '--backup', 'a', '--switch', '--rollback'], 'opposite'],
  [['a.dump'], 'takes flags only'],
  [['--swich'], 'did you mean --switch'],
] as [string[], string][])('%s cannot be used', ([argv, problem]) => {
  expect(() => readRestoreSettings(argv, {})).toThrow(problem);
});
