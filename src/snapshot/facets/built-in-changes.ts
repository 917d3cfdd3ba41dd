import type { Facet } from '../facet.ts';
import { stateFacet, type Values } from '../state-facet.ts';
import { functionText, hashOf } from '../system-objects.ts';

/**
 * Whether a row of a catalog was written after initdb had come to its end, which is with the creation of the databases template0
 * and postgres. Rows that CREATE DATABASE copies keep who wrote them. Transactions 1 and 2 are initdb's own.
 */
const isLater = (row: string) => `
  ${row}.xmin::pg_catalog.text::pg_catalog.int8 > 2
  and pg_catalog.age(${row}.xmin) < (
    select pg_catalog.max(pg_catalog.age(database.xmin))
    from pg_catalog.pg_database as database
    where database.datname in ('template0', 'postgres')
  )`;

/** Built-in objects that have a comment from initdb, but for a few: what has none has lost it. */
const commented = [
  ...['pg_proc', 'pg_operator', 'pg_language', 'pg_am', 'pg_ts_config', 'pg_ts_dict', 'pg_conversion'].map(
    (catalog) => [catalog, 'true'],
  ),
  ['pg_type', "typtype not in ('c', 'd', 'p') and typcategory <> 'A'"],
  ['pg_namespace', "nspname in ('pg_catalog', 'pg_toast')"],
].map(
  ([catalog, condition]) => `
    select 'pg_catalog.${catalog}'::pg_catalog.regclass as class, oid
    from pg_catalog.${catalog}
    where oid < 16384
    and ${condition}`,
);
const withoutComment = 'no comment on ';

const changes = stateFacet({
  // Context: the server may have its own, from template1, and another major version has other objects without a comment. Still
  // caught: what the source has, and the restored database has not.
  origin: ({ kind, object }) =>
    kind !== 'missing' ? 'server' : object.startsWith(withoutComment) ? 'version' : 'backup',
  covers: 'changes to built-in functions and views, and comments on built-in objects, which no dump holds',
  remedy:
    'No dump holds it: keep the change in a script that is run after every restore, and tolerate this in the profile.',
  isTolerable: true,
  sql: `
    select 'comment on ' || named.type || ' ' || named.identity as object, ${hashOf('description.description')} as value
    from pg_catalog.pg_description as description
    cross join pg_catalog.pg_identify_object(description.classoid, description.objoid, description.objsubid) as named
    where description.objoid < 16384
    -- Large objects have oids of the user's own; a dump holds the comment on the schema public.
    and description.classoid <> 'pg_catalog.pg_largeobject'::pg_catalog.regclass
    and not (description.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and named.identity = 'public')
    -- Those are in facets/extension-members.ts.
    and not exists (
      select from pg_catalog.pg_depend as depend
      where depend.classid = description.classoid
      and depend.objid = description.objoid
      and depend.deptype = 'e'
    )
    and ${isLater('description')}
    union all
    select '${withoutComment}' || named.type || ' ' || named.identity, 'its comment was removed'
    from (${commented.join(' union all ')}) as object
    cross join pg_catalog.pg_identify_object(object.class, object.oid, 0) as named
    where named.schema is distinct from 'information_schema'
    and not exists (
      select from pg_catalog.pg_description as description
      where description.classoid = object.class
      and description.objoid = object.oid
      and description.objsubid = 0
    )
    and not exists (
      select from pg_catalog.pg_depend as depend
      where depend.classid = object.class
      and depend.objid = object.oid
      and depend.deptype = 'e'
    )
    union all
    -- Privileges are in a dump, and write the row as well.
    select 'function ' || function.oid::pg_catalog.regprocedure::pg_catalog.text, ${hashOf(functionText('function'))}
    from pg_catalog.pg_proc as function
    join pg_catalog.pg_language as language on language.oid = function.prolang
    where function.oid < 16384
    and function.proacl is null
    and ${isLater('function')}
    union all
    select 'view ' || rule.ev_class::pg_catalog.regclass::pg_catalog.text, ${hashOf('pg_catalog.pg_get_viewdef(rule.ev_class)')}
    from pg_catalog.pg_rewrite as rule
    where rule.ev_class < 16384
    and rule.rulename = '_RETURN'
    and ${isLater('rule')}`,
});

export const builtInChanges: Facet<Values> = {
  ...changes,
  // A comment that only the restored database lacks was removed in template1; and older manifests do not name any.
  compare: (before, after, id) =>
    changes
      .compare(before, after, id)
      .filter(({ kind, object }) => kind === 'missing' || !object.startsWith(withoutComment)),
};
