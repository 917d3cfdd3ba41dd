import pg from 'pg';
import { superuserSettings } from './session-settings.ts';

/**
 * Keeps settings that only a superuser can make, and that a database brings for everybody, from the sessions of a role of ours:
 * what is set for a role stands above what is set for a database, from the start of a session on.
 * @param client of a superuser, opened by `connect`; that of another role does nothing
 */
export async function shieldRole(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query<{ may: boolean }>(
    "select pg_catalog.current_setting('is_superuser') = 'on' as may",
  );
  // Who is none can neither make them for others, nor restore a database that does.
  if (rows[0]?.may !== true) return;
  // A session of ours has them, and an empty list cannot be written: as a text, it would be a list of one empty name.
  const statements = Object.keys(superuserSettings).map(
    (name) => `alter role ${pg.escapeIdentifier(role)} set ${name} from current`,
  );
  await client.query(statements.join('; '));
}
