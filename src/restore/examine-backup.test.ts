import { expect, test } from 'vitest';
import { compareDescription } from './examine-backup.ts';

test.for([
  [{}, []],
  [{ database: 'shop2' }, ['BACKUP_OF_ANOTHER_DATABASE']],
  [{ serverVersion: '17.1' }, ['SERVER_OLDER_THAN_BACKUP']],
  [{ dumpVersion: '18beta1' }, ['SERVER_OLDER_THAN_BACKUP']],
  [{ serverVersion: '9.6.24', dumpVersion: '16.9' }, []],
] as const)('an archive that says %j of itself has the findings %j', ([changes, rules]) => {
  const contents = { database: 'shop', serverVersion: '16.4', dumpVersion: '16.4', ...changes };
  const findings = compareDescription(contents, { database: 'shop', serverVersion: '16.2' });
  expect(findings.map(({ rule }) => rule)).toEqual(rules);
});
