import pg from 'pg';
import { createDatabase } from './database.ts';
import type { Connection } from './connection.ts';
import { withDisposable, type DisposableConnection } from './disposable.ts';

/** Columns of pg_database that are chosen when a database is created. Which there are depends on the version. */
export const localeProperties = [
  'encoding',
  'datlocprovider',
  'datcollate',
  'datctype',
  'daticulocale',
  'datlocale',
  'daticurules',
];

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
  const create = `create database ${name} owner ${pg.escapeIdentifier(owner.user)} template template0`;
  return withDisposable(admin, async (client) => {
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
  const clause = (words: string, value: string | undefined) =>
    value === undefined || value === '' ? [] : [`${words} ${pg.escapeLiteral(value)}`];
  const locale = properties['datlocale'] ?? properties['daticulocale'];
  return [
    `encoding ${pg.escapeLiteral(encoding.rows[0]?.name ?? 'UTF8')}`,
    ...clause('lc_collate', properties['datcollate']),
    ...clause('lc_ctype', properties['datctype']),
    ...(properties['datlocprovider'] === 'i'
      ? ['locale_provider icu', ...clause('icu_locale', locale), ...clause('icu_rules', properties['daticurules'])]
      : []),
    ...(properties['datlocprovider'] === 'b' ? ['locale_provider builtin', ...clause('builtin_locale', locale)] : []),
  ];
}

/**
 * Gives a database the settings of another one, which a dump without --create does not hold.
 * @param settings their values as pg_db_role_setting holds them, by name, with ` for ROLE` behind it where they are a role's
 * @returns the names of those that this server does not take
 */
export async function applyDatabaseSettings(
  admin: DisposableConnection,
  database: string,
  settings: Record<string, string>,
): Promise<string[]> {
  const refused: string[] = [];
  await withDisposable(admin, async (client) => {
    for (const [object, value] of Object.entries(settings)) {
      const [, name = '', role] = /^([^ ]+)(?: for (.*))?$/s.exec(object) ?? [];
      const target = `database ${pg.escapeIdentifier(database)}`;
      const whose = role === undefined ? target : `role ${pg.escapeIdentifier(role)} in ${target}`;
      try {
        // In one transaction: a setting like default_transaction_read_only would stop the next one.
        await client.query('begin');
        // The value is in the form of the setting, lists included: ALTER … SET would take it for one word.
        await client.query('select pg_catalog.set_config($1, $2, true)', [name, value]);
        await client.query(`alter ${whose} set ${quoteSetting(name)} from current`);
        await client.query('commit');
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error;
        await client.query('rollback');
        refused.push(object);
      }
    }
  });
  return refused;
}

/** A setting's name has parts, like an extension's own. */
function quoteSetting(name: string): string {
  return name.split('.').map(pg.escapeIdentifier).join('.');
}

/** Gives a database the comment of another one. */
export async function commentOnDatabase(admin: DisposableConnection, database: string, comment: string): Promise<void> {
  await withDisposable(admin, (client) =>
    client.query(`comment on database ${pg.escapeIdentifier(database)} is ${pg.escapeLiteral(comment)}`),
  );
}
