import pg from 'pg';
import { withSession } from '../../postgres/with-session.ts';
import type { DisposableConnection } from '../../postgres/disposable.ts';
import { userSchema } from '../../snapshot/sql-names.ts';

/** A function of the database in SQL or PL/pgSQL. */
interface WrittenFunction {
  oid: string;
  /** `shop.total(integer)` */
  object: string;
  language: 'sql' | 'plpgsql';
  owner: string;
  code: string;
  search_path: string | null;
}

/** What became of a function when the server read it. */
export interface ReadFunction {
  object: string;
  code: string;
  /** Why the server does not take it; null where it does. */
  problem: string | null;
}

/**
 * Lets the server read the bodies of all functions, which no restore does: it creates them unread. SQL is read as a whole, with
 * every table, column and function that it names; of PL/pgSQL the syntax and the types of variables. Nothing of it is run.
 */
export async function readFunctions(restored: DisposableConnection): Promise<ReadFunction[]> {
  return withSession(restored, async (client) => {
    const { rows } = await client.query<WrittenFunction>(writtenFunctions);
    const read: ReadFunction[] = [];
    for (const each of rows) read.push({ object: each.object, code: each.code, problem: await validate(client, each) });
    return read;
  });
}

/** With the rights of its owner, who may always call it, and its own search_path. */
async function validate(client: pg.Client, { oid, language, owner, search_path: path }: WrittenFunction) {
  const validator = language === 'sql' ? 'fmgr_sql_validator' : 'plpgsql_validator';
  await client.query('begin');
  try {
    await client.query(`set local role ${pg.escapeIdentifier(owner)}`);
    await client.query('set local check_function_bodies to on');
    if (path !== null) await client.query("select pg_catalog.set_config('search_path', $1, true)", [path]);
    await client.query(`select pg_catalog.${validator}($1::pg_catalog.oid)`, [oid]);
    return null;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code === undefined) throw error;
    return error.message;
  } finally {
    await client.query('rollback');
  }
}

/** Functions that belong to extensions are those that the server brings. */
const writtenFunctions = `
  select
    proc.oid::pg_catalog.text as oid,
    pg_catalog.format(
      '%I.%I(%s)', namespace.nspname, proc.proname, pg_catalog.pg_get_function_identity_arguments(proc.oid)
    ) as object,
    lang.lanname as language,
    owner.rolname as owner,
    proc.prosrc as code,
    (
      select pg_catalog.substr(setting, pg_catalog.strpos(setting, '=') + 1)
      from pg_catalog.unnest(proc.proconfig) as setting
      where setting like 'search_path=%'
    ) as search_path
  from pg_catalog.pg_proc as proc
  join pg_catalog.pg_namespace as namespace on namespace.oid = proc.pronamespace
  join pg_catalog.pg_language as lang on lang.oid = proc.prolang
  join pg_catalog.pg_roles as owner on owner.oid = proc.proowner
  where lang.lanname in ('sql', 'plpgsql')
  and proc.prosqlbody is null
  and ${userSchema}
  and not exists (
    select from pg_catalog.pg_depend as dependency
    where dependency.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    and dependency.objid = proc.oid
    and dependency.deptype = 'e'
  )
  order by object`;
