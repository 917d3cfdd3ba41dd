import type pg from 'pg';

/** What can be told of the query of a materialised view without running it. */
export interface ViewInspection {
  /** Why it must not or cannot be run; null where it can. */
  refusal: string | null;
  /** The materialised views that it reads, itself or through views. */
  reads: string[];
  /** What lets it give other rows elsewhere, though its tables are the same. */
  varies: string[];
}

/** @param beside a session that sees the catalogs as they are now, not as they were at the moment of a snapshot */
export async function inspectView(beside: pg.Client, oid: number): Promise<ViewInspection> {
  const { rows } = await beside.query<Omit<ViewInspection, 'refusal'> & { foreign: string[]; strange: string[] }>(
    inspection,
    [oid],
  );
  const [found] = rows;
  if (found === undefined) throw new Error(`Nothing was found out about the view with the oid ${oid}.`);
  const { reads, varies, foreign, strange } = found;
  return { refusal: refuse(foreign, strange), reads, varies };
}

/**
 * A refresh runs a view with the rights of its owner. We would run it with ours: what another role may have written must not
 * get them.
 */
function refuse(foreign: string[], strange: string[]): string | null {
  if (foreign.length > 0) return `it reads ${foreign.join(', ')}, whose rows are in another server`;
  if (strange.length === 0) return null;
  return `it calls ${strange.join(', ')}: code of another role is not run with the rights of this one`;
}

/** Aggregates of pg_catalog that give the same whatever the order of the rows, as long as they do not add up floats. */
const orderless = [
  ...['count', 'sum', 'avg', 'min', 'max', 'bool_and', 'bool_or', 'every', 'bit_and', 'bit_or', 'bit_xor'],
  ...['stddev', 'stddev_pop', 'stddev_samp', 'variance', 'var_pop', 'var_samp', 'range_agg', 'range_intersect_agg'],
  ...['percentile_cont', 'percentile_disc', 'mode', 'rank', 'dense_rank', 'percent_rank', 'cume_dist'],
];
const orderlessOfFloats = ['count', 'min', 'max', 'percentile_cont', 'percentile_disc', 'mode'];
const orderedWindows = ['row_number', 'ntile', 'lag', 'lead', 'first_value', 'last_value', 'nth_value'];
/** In the order of SQLValueFunctionOp (primnodes.h). */
const sqlValues = [
  ...['current_date', 'current_time', 'current_time', 'current_timestamp', 'current_timestamp', 'localtime'],
  ...['localtime', 'localtimestamp', 'localtimestamp', 'current_role', 'current_user', 'user', 'session_user'],
  ...['current_catalog', 'current_schema'],
];

const list = (names: string[]) => `array[${names.map((name) => `'${name}'`).join(', ')}]`;
const numbersOf = (field: string) =>
  `(select found[1]::pg_catalog.oid as oid from rule, pg_catalog.regexp_matches(rule.action, ':${field} (\\d+)', 'g') as found)`;
const nameOf = (class_: string, namespace: string) =>
  `case ${namespace}.nspname when 'public' then pg_catalog.quote_ident(${class_}.relname) else pg_catalog.format('%I.%I', ${namespace}.nspname, ${class_}.relname) end`;

/**
 * The parsed query names functions by their oids. What is the system's own is in no dependency, so it is looked for there; what is
 * not is in pg_depend, which leaves nothing out. A dump names a function without its types, so another one of that name counts
 * as called, too.
 */
const inspection = `
  with recursive rule (oid, relation, action) as (
    select rewrite.oid, rewrite.ev_class, rewrite.ev_action::pg_catalog.text
    from pg_catalog.pg_rewrite as rewrite
    where rewrite.ev_class = $1::pg_catalog.int8::pg_catalog.oid
    and rewrite.rulename = '_RETURN'
    union
    select rewrite.oid, rewrite.ev_class, rewrite.ev_action::pg_catalog.text
    from rule
    cross join pg_catalog.regexp_matches(rule.action, ':relid (\\d+)', 'g') as found
    join pg_catalog.pg_class as class on class.oid = found[1]::pg_catalog.oid and class.relkind = 'v'
    join pg_catalog.pg_rewrite as rewrite on rewrite.ev_class = class.oid and rewrite.rulename = '_RETURN'
  ),
  relation (oid) as (
    select oid from ${numbersOf('relid')} as named
    union
    select inherits.inhrelid
    from relation
    join pg_catalog.pg_inherits as inherits on inherits.inhparent = relation.oid
  ),
  dependency as (
    select depend.refclassid, depend.refobjid
    from rule
    join pg_catalog.pg_depend as depend
      on depend.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and depend.objid = rule.oid
  ),
  user_function (oid) as (
    select refobjid from dependency where refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    union
    select operator.oprcode
    from dependency
    join pg_catalog.pg_operator as operator on operator.oid = dependency.refobjid
    where dependency.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass
    union
    select part
    from dependency
    join pg_catalog.pg_aggregate as aggregate
      on dependency.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and aggregate.aggfnoid = dependency.refobjid
    cross join pg_catalog.unnest(array[
      aggregate.aggtransfn, aggregate.aggfinalfn, aggregate.aggcombinefn, aggregate.aggserialfn, aggregate.aggdeserialfn,
      aggregate.aggmtransfn, aggregate.aggminvtransfn, aggregate.aggmfinalfn
    ]::pg_catalog.oid[]) as part
    union
    select depend.refobjid
    from dependency
    join pg_catalog.pg_constraint as con
      on dependency.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass and con.contypid = dependency.refobjid
    join pg_catalog.pg_depend as depend
      on depend.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and depend.objid = con.oid
    where depend.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
  ),
  strange as (
    select distinct namesake.oid::pg_catalog.regprocedure::pg_catalog.text || ' of ' || owner.rolname as name
    from user_function
    join pg_catalog.pg_proc as function on function.oid = user_function.oid
    join pg_catalog.pg_proc as namesake
      on namesake.proname = function.proname and namesake.pronamespace = function.pronamespace
    join pg_catalog.pg_roles as owner on owner.oid = namesake.proowner
    where not owner.rolsuper
    and owner.rolname <> current_user
  ),
  aggregate as (
    select function.oid, function.proname, function.pronamespace,
      array[700, 701]::pg_catalog.oid[] && function.proargtypes::pg_catalog.oid[] as floats
    from ${numbersOf('aggfnoid')} as called
    join pg_catalog.pg_proc as function on function.oid = called.oid
  ),
  unordered as (
    select proname, floats
    from aggregate
    where pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
    or not proname = any (case when floats then ${list(orderlessOfFloats)} else ${list(orderless)} end)
  ),
  varying (name) as (
    select function.oid::pg_catalog.regprocedure::pg_catalog.text
    from (
      select oid from ${numbersOf('funcid')} as called
      union
      select operator.oprcode
      from ${numbersOf('opno')} as called
      join pg_catalog.pg_operator as operator on operator.oid = called.oid
    ) as called
    join pg_catalog.pg_proc as function on function.oid = called.oid
    where function.provolatile <> 'i'
    union
    select (${list(sqlValues)})[found[1]::pg_catalog.int4 + 1]
    from rule, pg_catalog.regexp_matches(rule.action, '\\{SQLVALUEFUNCTION :op (\\d+)', 'g') as found
    union
    select function.proname || '()'
    from ${numbersOf('winfnoid')} as called
    join pg_catalog.pg_proc as function on function.oid = called.oid
    where function.proname = any (${list(orderedWindows)})
    union
    -- Sorted ones say so, but it cannot be told which of them: as many as there are sorted.
    select distinct proname || (case when floats then ' of floats' else ' without an order' end)
    from unordered
    where floats
    or (select pg_catalog.count(*) from unordered) > (
      select pg_catalog.count(*)
      from rule, pg_catalog.regexp_matches(rule.action, ':agg(?:order|distinct) \\(', 'g')
    )
    union
    select feature.name
    from (values
      ('limit', ':limitCount \\{'),
      ('offset', ':limitOffset \\{'),
      ('distinct on', ':hasDistinctOn true'),
      ('tablesample', '\\{TABLESAMPLECLAUSE '),
      ('a cast through text', '\\{COERCEVIAIO '),
      ('a system column', ':varattno -')
    ) as feature (name, pattern)
    where exists (select from rule where rule.action ~ feature.pattern)
  )
  select
    array(select name from varying where name is not null order by name limit 5) as varies,
    array(select name from strange order by name limit 5) as strange,
    array(
      select ${nameOf('class', 'namespace')}
      from relation
      join pg_catalog.pg_class as class on class.oid = relation.oid
      join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
      where class.relkind = 'f'
      order by 1
    ) as foreign,
    array(
      select ${nameOf('class', 'namespace')}
      from relation
      join pg_catalog.pg_class as class on class.oid = relation.oid
      join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
      where class.relkind = 'm'
      and class.oid <> $1::pg_catalog.int8::pg_catalog.oid
      order by 1
    ) as reads`;
