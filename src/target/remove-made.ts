import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { forgetMade } from './ledger.ts';

/** Something that a rehearsal wrote down before or when it made it. */
interface Made {
  kind: 'database' | 'role';
  name: string;
  /** Whether what has that name now is what was made: it has its number, or belongs to a role that was made. */
  isIt: boolean;
}

const deadlineMs = 30_000;
const betweenTriesMs = 250;

/**
 * Drops what rehearsals made on a target, databases first, and what they wrote down of it. What has one of those names and is
 * something else stays.
 * @param client of the database of the marker, while the target is kept
 * @returns what was removed, for people
 */
export async function removeMade(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<Made>(listMade);
  const removed: string[] = [];
  for (const { kind, name, isIt } of rows) {
    if (isIt) {
      await untilDropped(client, kind, name);
      removed.push(`${kind} ${name}`);
    }
    await client.query(forgetMade, [kind, name]);
  }
  return removed;
}

/** Who works on a database that goes may hold it for a moment, autovacuum above all. */
async function untilDropped(client: pg.Client, kind: Made['kind'], name: string): Promise<void> {
  const quoted = pg.escapeIdentifier(name);
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      await client.query(kind === 'role' ? `drop role ${quoted}` : `drop database ${quoted} with (force)`);
      return;
    } catch (error) {
      const isPassing = error instanceof pg.DatabaseError && passing.has(error.code ?? '');
      if (!isPassing || performance.now() > deadline) throw error;
      await delay(betweenTriesMs);
    }
  }
}

/** object_in_use, insufficient_privilege (for a worker of the server), dependent_objects_still_exist (a database that goes). */
const passing = new Set(['55006', '42501', '2BP01']);

const listMade = `
  with roles as (
    select role.oid
    from restore_rehearsal.made
    join pg_catalog.pg_roles as role on role.oid = made.number and role.rolname = made.name
    where made.kind = 'role'
  )
  select
    made.kind,
    made.name,
    coalesce(
      case made.kind
        when 'role' then role.oid = made.number
        else database.oid = made.number
          or made.number is null and database.datdba in (select oid from roles)
      end,
      false
    ) as "isIt"
  from restore_rehearsal.made
  left join pg_catalog.pg_roles as role on made.kind = 'role' and role.rolname = made.name
  left join pg_catalog.pg_database as database on made.kind = 'database' and database.datname = made.name
  order by made.kind, made.at desc`;
