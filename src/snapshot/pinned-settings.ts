import type pg from 'pg';
import type { ToolRunner } from '../postgres/tool.ts';

/**
 * For those who only read, besides what every session has (postgres/session-settings.ts): whatever the server, the database or
 * the role has set, text output has to be the same on both sides. The empty search_path keeps objects of the user from standing in for those of the system.
 */
const printed: Record<string, string> = {
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  extra_float_digits: '3',
  lc_monetary: 'C',
  search_path: '',
};

const session: Record<string, string> = {
  ...printed,
  // Rows that a policy hides are an error, not an absence.
  row_security: 'off',
};

/** Sets a session up so that values print the same everywhere. */
export async function pinSettings(client: pg.Client): Promise<void> {
  await client.query(
    `select pg_catalog.set_config(name, value, false)
    from unnest($1::text[], $2::text[]) as pinned (name, value)`,
    [Object.keys(session), Object.values(session)],
  );
}

/**
 * Sets the session of a tool up in the same way: pg_dump prints constants in defaults and conditions as the session
 * prints them, and sees to only some of the settings itself.
 * @param otherwise settings that a dump has to be compared with was taken with
 */
export function pinTool(runner: ToolRunner<'pg_dump'>, otherwise: Record<string, string> = {}): ToolRunner<'pg_dump'> {
  const settings = { ...printed, ...otherwise };
  return {
    runTool: (call) => runner.runTool({ ...call, settings, args: ['--encoding=UTF8', ...call.args] }),
  };
}
