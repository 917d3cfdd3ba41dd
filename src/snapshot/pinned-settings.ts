import type pg from 'pg';
import type { ToolRunner } from '../postgres/tool.ts';

/**
 * Whatever the server, the database or the role has set, text output has to be the same on both sides. The empty
 * search_path keeps objects of the user from standing in for those of the system.
 */
const printed: Record<string, string> = {
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmlbinary: 'base64',
  xmloption: 'content',
  quote_all_identifiers: 'off',
  search_path: '',
};

/** The transaction waits for pg_dump. For its own statements and locks there are limits: see connectToSource. */
const patient: Record<string, string> = {
  idle_in_transaction_session_timeout: '0',
  // From version 17 on.
  transaction_timeout: '0',
};

const session: Record<string, string> = {
  ...printed,
  ...patient,
  // Rows that a policy hides are an error, not an absence.
  row_security: 'off',
};

/** Sets a session up so that values print the same everywhere. Settings that this version does not know are left out. */
export async function pinSettings(client: pg.Client): Promise<void> {
  await client.query(
    `select pg_catalog.set_config(name, value, false)
    from unnest($1::text[], $2::text[]) as pinned (name, value)
    where pg_catalog.current_setting(name, true) is not null`,
    [Object.keys(session), Object.values(session)],
  );
}

/**
 * Sets the session of a tool up in the same way: pg_dump prints constants in defaults and conditions as the session
 * prints them, and sees to only some of the settings itself.
 * @param otherwise settings that a dump has to be compared with was taken with
 */
export function pinTool(
  runner: ToolRunner<'pg_dump'>,
  otherwise: Record<string, string> = {},
): ToolRunner<'pg_dump'> {
  const options = Object.entries({ ...printed, ...otherwise }).map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`);
  return {
    runTool: (call) => {
      const connection = { dbname: call.database, options: options.join(' '), client_encoding: 'UTF8' };
      const parts = Object.entries(connection).map(([name, value]) => `${name}='${value.replace(/[\\']/g, '\\$&')}'`);
      return runner.runTool({ ...call, args: [...call.args, `--dbname=${parts.join(' ')}`] });
    },
  };
}
