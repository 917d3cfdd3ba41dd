import { lentBy, withDisposable } from '../postgres/disposable.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { RestoreSite } from './restore-site.ts';

/**
 * Where nobody may see past row security, a table that forces it on its owner, too, would be taken for one that has lost rows.
 * @throws OperationalError NOT_PERMITTED
 */
export async function assertReadable({ asAdmin }: RestoreSite): Promise<void> {
  const lent = lentBy(asAdmin);
  if (lent === null || lent.isSuperuser) return;
  const { rows } = await withDisposable(asAdmin, (client) => client.query<{ name: string }>(forced));
  const [first] = rows;
  if (first === undefined) return;
  const message = `The table ${first.name} forces row security on its owner (FORCE ROW LEVEL SECURITY), and the login of the target is no superuser: nobody there can read all of its rows, so they cannot be compared. Neither the backup nor the restore is to blame. Rehearse on an engine (--engine auto), or with a target whose login is a superuser.`;
  throw new OperationalError('NOT_PERMITTED', message);
}

const forced = `
  select pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name
  from pg_catalog.pg_class as class
  join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
  where class.relrowsecurity
  and class.relforcerowsecurity
  order by 1
  limit 1`;
