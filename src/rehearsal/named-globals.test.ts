import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeDrill } from '../../fixtures/testing/drills.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readNamedGlobals } from './named-globals.ts';

const hash = 'SCRAM-SHA-256$4096:c2FsdHNhbHQ=$c3RvcmVk:c2VydmVy';
const globals = `--
-- PostgreSQL database cluster dump
--

SET client_encoding = 'UTF8';
CREATE ROLE shop;
ALTER ROLE shop WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS PASSWORD '${hash}';
CREATE ROLE "old one";
ALTER ROLE "old one" WITH NOSUPERUSER NOINHERIT LOGIN CONNECTION LIMIT 5 PASSWORD 'md5d41d8cd98f00b204e9800998ecf8427e' VALID UNTIL '2030-01-01 00:00:00+00';
CREATE TABLESPACE fast OWNER shop LOCATION '/mnt/ssd';
GRANT ALL ON TABLESPACE fast TO shop;
GRANT shop TO "old one" WITH INHERIT TRUE GRANTED BY postgres;
`;

describe('--globals', () => {
  async function read(text: string, ownership: 'preserve' | 'runbook' = 'preserve') {
    const file = join(await makeWorkspace(), 'globals.sql');
    await writeFile(file, text);
    const drill = await makeDrill({ ownership }, { globals: file });
    try {
      return await readNamedGlobals(drill);
    } finally {
      await drill.run.dispose();
    }
  }

  test('keeps roles, what they may do and whose members they are; passwords and tablespaces go', async () => {
    const text = await read(globals.replaceAll('\n', '\r\n'));
    expect(text?.split('\n').filter((line) => line !== '' && !line.startsWith('--'))).toEqual([
      "SET client_encoding = 'UTF8';",
      'CREATE ROLE shop;',
      'ALTER ROLE shop WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS;',
      'CREATE ROLE "old one";',
      `ALTER ROLE "old one" WITH NOSUPERUSER NOINHERIT LOGIN CONNECTION LIMIT 5 VALID UNTIL '2030-01-01 00:00:00+00';`,
      'GRANT shop TO "old one" WITH INHERIT TRUE GRANTED BY postgres;',
    ]);
  });

  test.for([
    [
      'another statement',
      `${globals}DROP TABLE users;\n`,
      /Line 13 of .*globals\.sql is none.*pg_dumpall --globals-only/,
    ],
    ['a command of psql', `\\! id\n${globals}`, /Line 1 of/],
  ] as const)('is refused with %s, and shows none of it', async ([, text, says]) => {
    const refusal = read(text);
    await expect(refusal).rejects.toThrow(says);
    await expect(refusal).rejects.not.toThrow(/DROP TABLE|SCRAM/);
  });

  test('says that owners have to be restored for it', async () => {
    await expect(read(globals, 'runbook')).rejects.toThrow(/ownership: 'runbook'.*Set ownership: 'preserve'/);
  });
});
