import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { dumpTo, openSource } from '../../fixtures/testing/live-source.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import type { ServedDatabase } from './served-database.ts';

interface Properties {
  datcollate: string;
  provider: string;
  encoding: string;
}

const query = `select datcollate, to_jsonb(d) ->> 'datlocprovider' as provider, pg_encoding_to_char(encoding) as encoding
  from pg_database d where datname = current_database()`;

describe.skipIf(inject('skipped').local !== null)('without a manifest, the locale is that of the dump', () => {
  const server = useServer('local');
  let served: ServedDatabase;
  beforeAll(async () => {
    served = await serveDrill(server(), {});
  });
  afterAll(() => served.drill.run.dispose());

  /** Dumps a database that was created like this. */
  async function dumpOf(created: string, edit: (text: string) => string, ...options: string[]): Promise<string> {
    const { database } = served.asAdmin;
    await withClient(server().admin, async (client) => {
      await client.query(`drop database ${database}`);
      await client.query(`create database ${database} owner owner template template0 ${created}`);
    });
    await withClient(served.asAdmin, (client) =>
      client.query("create table t (name text primary key); insert into t values ('ä')"),
    );
    const file = join(await makeWorkspace(), 'source.dump');
    await using source = await openSource(served);
    await dumpTo(file, source, ...options);
    await writeFile(file, edit((await readFile(file)).toString('latin1')), 'latin1');
    return file;
  }

  async function rehearse(file: string) {
    const found: Properties[] = [];
    const { rules, contribution } = await rehearseBackup(
      served,
      file,
      {},
      {
        async inTheEnd({ asAdmin }) {
          found.push(...(await withClient(asAdmin, (client) => client.query<Properties>(query))).rows);
        },
      },
    );
    return { rules, found, findings: contribution('prepare').findings ?? [] };
  }

  test.for([['--format=custom'], ['--format=plain', '--create'], ['--format=tar']])('%j', async (options) => {
    const created = "encoding 'UTF8' locale_provider icu icu_locale 'de' locale 'C'";
    const { rules, found } = await rehearse(await dumpOf(created, (text) => text, ...options));
    expect(rules).toEqual([]);
    expect(found).toEqual([{ datcollate: 'C', provider: 'i', encoding: 'UTF8' }]);
  });

  test('and where this server has not got it, that is said with what brings it, and the rows are compared all the same', async () => {
    const file = await dumpOf("locale 'C.utf8'", (text) => text.replaceAll('C.utf8', 'xx_YYY'), '--format=custom');
    const { rules, found, findings } = await rehearse(file);
    expect(rules).toEqual(['LOCALE_MISSING (warning)']);
    expect(found).toEqual([{ datcollate: 'C', provider: 'c', encoding: 'UTF8' }]);
    expect(findings[0]).toMatchObject({
      object: 'xx_YYY',
      remedy: expect.stringMatching(/apt-get install locales-all.*--image/) as string,
    });
  });
});
