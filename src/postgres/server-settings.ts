import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { lentBy, withDisposable, type DisposableConnection } from './disposable.ts';

/**
 * Settings on which it depends what a restore computes: how a dump's text is read, and what views, generated columns, checks
 * and functions make of it. Those that pg_dump writes into each dump are not among them.
 */
const computing = [
  ...['array_nulls', 'backslash_quote', 'bytea_output', 'DateStyle', 'default_text_search_config', 'IntervalStyle'],
  ...['default_toast_compression', 'extra_float_digits', 'lc_monetary', 'lc_numeric', 'lc_time', 'TimeZone'],
  ...['timezone_abbreviations', 'transform_null_equals', 'xmlbinary', 'plpgsql.variable_conflict'],
];

/** A setting that a server does not take. */
export interface RefusedSetting {
  name: string;
  value: string;
  /** What the server says. */
  reason: string;
  /** Nobody has asked it: its settings are not ours to make. */
  isKept?: true;
}

/** Reads them as a database has them, whatever this session has set; those of the role that reads are its own affair. */
export async function readServerSettings(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; value: string }>(
    `select name, reset_val as value
    from pg_catalog.pg_settings
    where name = any ($1)
    and not exists (
      select
      from pg_catalog.pg_db_role_setting as own
      join pg_catalog.pg_roles as role on role.oid = own.setrole and role.rolname = current_user
      cross join pg_catalog.unnest(own.setconfig) as setting
      where pg_catalog.lower(pg_catalog.split_part(setting, '=', 1)) = pg_catalog.lower(name)
    )
    order by name`,
    [computing],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/**
 * Gives a server the settings of another one, as far as it knows them. They are in force when this resolves, for sessions that
 * begin from then on.
 * @returns those that it does not take
 */
export async function applyServerSettings(
  admin: DisposableConnection,
  settings: Record<string, string>,
): Promise<RefusedSetting[]> {
  const wanted = await withDisposable(admin, (client) => findOthers(client, settings));
  if (lentBy(admin) !== null) {
    return wanted.map(([name, value]) => ({ name, value, reason: 'it is somebody else’s', isKept: true }));
  }
  const refused: RefusedSetting[] = [];
  await withDisposable(admin, async (client) => {
    for (const [name, value] of wanted) {
      try {
        await client.query(`alter system set ${pg.escapeIdentifier(name)} to ${pg.escapeLiteral(value)}`);
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error;
        refused.push({ name, value, reason: error.message });
      }
    }
    if (refused.length < wanted.length) await client.query('select pg_catalog.pg_reload_conf()');
  });
  const taken = wanted.filter(([name]) => !refused.some((each) => each.name === name));
  await untilInForce(admin, Object.fromEntries(taken));
  return refused;
}

/** Those that are known here, of this list (a manifest can be written by anybody), and not so already. */
async function findOthers(client: pg.Client, settings: Record<string, string>): Promise<[string, string][]> {
  const { rows } = await client.query<{ name: string; value: string }>(
    'select name, reset_val as value from pg_catalog.pg_settings where name = any ($1)',
    [computing],
  );
  return rows.flatMap(({ name, value }): [string, string][] => {
    const other = settings[name];
    return other === undefined || other === value ? [] : [[name, other]];
  });
}

const deadlineMs = 10_000;
const betweenLooksMs = 50;

/** The server reads its files when it gets to it. One that is not seen to do so is compared all the same. */
async function untilInForce(admin: DisposableConnection, settings: Record<string, string>): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (performance.now() < end) {
    const others = await withDisposable(admin, (client) => findOthers(client, settings));
    if (others.length === 0) return;
    await delay(betweenLooksMs);
  }
}
