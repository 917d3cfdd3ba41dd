import pg from 'pg';
import { copyStrategy } from './copy-strategy.ts';
import { createDatabase } from './database.ts';
import { localeOfOptions, localeOptions, localeProperties } from './database-locale.ts';
import { settingStatement, type DatabaseSetting } from './database-settings.ts';
import type { Connection } from './connection.ts';
import { making, withDisposable, type DisposableConnection } from './disposable.ts';

/**
 * Creates a database with encoding and locale of another one, as far as this server has them: without the locale, with that
 * of the server and the encoding alone.
 * @param properties columns of pg_database by name; those that are not there are the server's own affair
 * @returns why it could not be created like the other; null where it was
 */
export async function createDatabaseLike(
  admin: DisposableConnection,
  owner: Connection,
  properties: Record<string, string>,
): Promise<string | null> {
  const clauses = await withDisposable(admin, (client) => chooseClauses(client, properties));
  // A copy of template1 shows what should not be in there.
  if (clauses === null) {
    await createDatabase(admin, owner);
    return null;
  }
  const name = pg.escapeIdentifier(owner.database);
  return withDisposable(admin, async (client) => {
    const strategy = await copyStrategy(client);
    const create = `create database ${name} owner ${pg.escapeIdentifier(owner.user)} template template0 ${strategy}`;
    return making(admin, client, { kind: 'database', name: owner.database }, async () => {
      try {
        await client.query([create, ...clauses].join(' '));
        return null;
      } catch (error) {
        if (!(error instanceof pg.DatabaseError) || !localeCodes.has(error.code ?? '')) throw error;
        // The locale C goes with every encoding.
        await client.query([create, clauses[0], "lc_collate 'C' lc_ctype 'C'"].join(' '));
        return error.message;
      }
    });
  });
}

/** wrong_object_type, invalid_parameter_value, feature_not_supported, undefined_object, syntax_error: by version and clause. */
const localeCodes = new Set(['42809', '22023', '0A000', '42704', '42601']);

/** null where template1 is like it already. */
async function chooseClauses(client: pg.Client, properties: Record<string, string>): Promise<string[] | null> {
  const { rows } = await client.query<{ name: string; value: string }>(
    `select property.key as name, coalesce(property.value, '') as value
    from pg_catalog.pg_database as database,
      pg_catalog.jsonb_each_text(pg_catalog.to_jsonb(database)) as property
    where database.datname = 'template1'
    and property.key = any ($1)`,
    [localeProperties],
  );
  if (rows.every(({ name, value }) => (properties[name] ?? value) === value)) return null;
  const encoding = await client.query<{ name: string }>('select pg_catalog.pg_encoding_to_char($1) as name', [
    properties['encoding'] ?? 6,
  ]);
  return [`encoding ${pg.escapeLiteral(encoding.rows[0]?.name ?? 'UTF8')}`, ...localeOptions(properties)];
}

/** The options of a CREATE DATABASE that a dump has, as columns of pg_database; an encoding that this server does not know is left out. */
export async function readLocaleOptions(
  admin: DisposableConnection,
  options: Record<string, string>,
): Promise<Record<string, string>> {
  const locale = localeOfOptions(options);
  const { encoding } = options;
  if (encoding === undefined) return locale;
  const { rows } = await withDisposable(admin, (client) =>
    client.query<{ number: number }>('select pg_catalog.pg_char_to_encoding($1) as number', [encoding]),
  );
  const number = rows[0]?.number ?? -1;
  return number < 0 ? locale : { ...locale, encoding: String(number) };
}

/**
 * Gives a database the settings of another one, which a dump without --create does not hold. One that this server does not
 * take, or for a role that is not there, is left out.
 */
export async function applyDatabaseSettings(
  admin: DisposableConnection,
  database: string,
  settings: DatabaseSetting[],
): Promise<void> {
  await withDisposable(admin, async (client) => {
    for (const setting of settings) {
      await client.query(settingStatement(database, setting)).catch((error: unknown) => {
        if (!(error instanceof pg.DatabaseError)) throw error;
      });
    }
  });
}

/** Gives a database the comment of another one. */
export async function commentOnDatabase(admin: DisposableConnection, database: string, comment: string): Promise<void> {
  await withDisposable(admin, (client) =>
    client.query(`comment on database ${pg.escapeIdentifier(database)} is ${pg.escapeLiteral(comment)}`),
  );
}
