import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { backUp, dumpTo, openSource } from '../../fixtures/testing/live-source.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import type { SourceServer } from '../source/source-server.ts';
import type { ServedDatabase } from './served-database.ts';

/** Encoding of the source, that of its dump where somebody asked for another one, and a text that both have. */
const encodings: [source: string, dump: string, text: string][] = [
  ['UTF8', 'LATIN1', 'Jürgen'],
  ['UTF8', 'WIN1252', '10 € „Œ“'],
  ['UTF8', 'SQL_ASCII', 'ünï'],
  ['LATIN1', 'LATIN1', 'Jürgen'],
  ['LATIN2', 'LATIN2', 'Łódź'],
  ['WIN1251', 'WIN1251', 'Стрижка'],
  ['EUC_JP', 'EUC_JP', '日本語'],
  ['SQL_ASCII', 'SQL_ASCII', 'ünï'],
];

/** A text wherever a dump can have one: in names, definitions and rows. */
const everywhere = (text: string) => `
  create schema salon;
  create table salon."${text}" (id integer primary key, "${text}" text default '${text}' check ("${text}" <> 'x'), at timestamptz);
  insert into salon."${text}" values (1, '${text}', '2026-02-09 09:48:03+00'), (2, null, null);
  comment on table salon."${text}" is '${text}';
  create materialized view salon."view ${text}" as select * from salon."${text}" where "${text}" = '${text}';
  create sequence salon."sequence ${text}";
  select nextval('salon."sequence ${text}"');`;

describe.skipIf(inject('skipped').local !== null)('a dump', () => {
  const source = useServer('local');
  const target = useServer('local');
  let from: ServedDatabase;
  let served: ServedDatabase;

  beforeAll(async () => {
    from = await serveDrill(source(), {});
    served = await serveDrill(target(), {});
  });
  afterAll(async () => {
    await from.drill.run.dispose();
    await served.drill.run.dispose();
  });

  test.each(sampleOf(encodings, ([own]) => own === 'UTF8', 2))(
    'of a database in %s that is in %s is what its source held: %s',
    async (own, asked, text) => {
      const live = await fill(own, everywhere(text));
      expect(await rehearse(await backUp(live, served.drill.run.directory, 'runbook'))).toEqual([]);
      for (const options of [['--format=custom'], ['--format=plain', '--inserts']])
        expect(await rehearse(await dump(live, `--encoding=${asked}`, ...options))).toEqual([]);
    },
  );

  test('of bytes that no encoding has is restored without one', async () => {
    const live = await fill(
      'SQL_ASCII',
      `create table notes (id integer primary key, note text); insert into notes values (1, E'caf\\xe9')`,
    );
    expect(await rehearse(await backUp(live, served.drill.run.directory, 'runbook'))).toEqual([]);
    for (const format of ['custom', 'plain']) {
      const encoding: string[] = [];
      const file = await dump(live, `--format=${format}`);
      const { rules } = await rehearseBackup(
        served,
        file,
        {},
        {
          async inTheEnd({ asAdmin }) {
            const { rows } = await withClient(asAdmin, (client) =>
              client.query<{ server_encoding: string }>('show server_encoding'),
            );
            encoding.push(...rows.map((row) => row.server_encoding));
          },
        },
      );
      expect({ rules, encoding }).toEqual({ rules: [], encoding: ['SQL_ASCII'] });
    }
  });

  /** The source, anew. */
  async function fill(encoding: string, sql: string): Promise<SourceServer> {
    const { database } = from.asAdmin;
    await withClient(source().admin, async (client) => {
      await client.query(`drop database ${database}`);
      const locale = "lc_collate 'C' lc_ctype 'C'";
      await client.query(`create database ${database} owner owner template template0 encoding '${encoding}' ${locale}`);
    });
    await withClient(from.asAdmin, (client) =>
      client.query(`grant all on schema public to owner; set role owner; ${sql}`),
    );
    return openSource(from);
  }

  async function dump(live: SourceServer, ...options: string[]): Promise<string> {
    const file = join(served.drill.run.directory, 'dump');
    await dumpTo(file, live, ...options);
    return file;
  }

  async function rehearse(file: string): Promise<string[]> {
    return (await rehearseBackup(served, file)).rules;
  }
});
