import type pg from 'pg';
import { untilDropped } from '../postgres/until-dropped.ts';
import { forgetMade } from './ledger.ts';

/** Something that a rehearsal wrote down before or when it made it. */
interface Made {
  kind: 'database' | 'role';
  name: string;
  /** Whether what has that name now is what was made: it has its number, or belongs to a role that was made. */
  isIt: boolean;
}

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
      await untilDropped(client, { kind, name });
      removed.push(`${kind} ${name}`);
    }
    await client.query(forgetMade, [kind, name]);
  }
  return removed;
}

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
