import { functionText, hashOf } from '../system-objects.ts';
import { stateFacet } from '../state-facet.ts';

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

export const builtInChanges = stateFacet({
  // Context: the server may have its own, from template1. Still caught: what the source has, and the restored database has not.
  origin: ({ kind }) => (kind === 'missing' ? 'backup' : 'server'),
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
