import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { databaseUrl } from '../postgres/connection.ts';
import type { SourceServer } from '../source/source-server.ts';
import { openUrl } from '../source/url-source.ts';
import { readEnvironment } from '../system/environment.ts';
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

  test.each(encodings)('of a database in %s that is in %s is what its source held: %s', async (own, asked, text) => {
    const live = await fill(own, everywhere(text));
    expect(await rehearse(await backUp(live))).toEqual([]);
    for (const options of [['--format=custom'], ['--format=plain', '--inserts']])
      expect(await rehearse(await dump(live, `--encoding=${asked}`, ...options))).toEqual([]);
  });

  test('of bytes that no encoding has is restored without one', async () => {
    const live = await fill(
      'SQL_ASCII',
      `create table notes (id integer primary key, note text); insert into notes values (1, E'caf\\xe9')`,
    );
    expect(await rehearse(await backUp(live))).toEqual([]);
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
    const connection = { ...from.asAdmin, ...(await source().openPort()) };
    return openUrl(databaseUrl(connection), readEnvironment(), served.drill.run.directory);
  }

  async function backUp(live: SourceServer): Promise<string> {
    const { set } = await takeBackup(live, {
      directory: await mkdtemp(join(served.drill.run.directory, 'backups-')),
      ownership: 'runbook',
      format: 'custom',
      compression: undefined,
      viewsWithinMs: 30_000,
      limits: { timeoutMs: 30_000 },
    });
    return set.dump;
  }

  async function dump(live: SourceServer, ...options: string[]): Promise<string> {
    const file = join(served.drill.run.directory, 'dump');
    const call = { tool: 'pg_dump' as const, args: [...options, `--file=${file}`], timeoutMs: 30_000 };
    expect(await live.runTool({ ...call, ...live.connection })).toMatchObject({ exitCode: 0 });
    return file;
  }

  async function rehearse(file: string): Promise<string[]> {
    return (await rehearseBackup(served, file)).rules;
  }
});
