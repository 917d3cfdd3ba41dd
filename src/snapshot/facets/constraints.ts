import { qualifiedClass, userSchema } from '../sql-names.ts';
import { stateFacet } from '../state-facet.ts';

export const constraints = stateFacet({
  covers: 'whether constraints are valid and enforced',
  isDefined: true,
  remedy:
    'Run ALTER TABLE … VALIDATE CONSTRAINT and mend the rows that it names, or ENABLE or DISABLE TRIGGER ALL, as it was at the source.',
  sql: `
    select
      ${qualifiedClass} || ' ' || pg_catalog.quote_ident(con.conname) as object,
      case when con.convalidated then 'validated' else 'not validated' end
        -- Its own triggers enforce a foreign key or what is deferrable. No dump holds that one of them is switched off.
        || coalesce((
          select case when pg_catalog.bool_or(trigger.tgenabled in ('D', 'R')) then ', not enforced' else ', enforced on replicas, too' end
          from pg_catalog.pg_trigger as trigger
          where trigger.tgconstraint = con.oid
          and trigger.tgisinternal
          and trigger.tgenabled <> 'O'
          having pg_catalog.count(*) > 0
        ), '') as value
    from pg_catalog.pg_constraint as con
    join pg_catalog.pg_class as class on class.oid = con.conrelid
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    -- From version 18 on, NOT NULL is a constraint as well; the definitions hold those.
    where con.contype in ('c', 'f', 'p', 'u', 'x')
    and ${userSchema}`,
});
