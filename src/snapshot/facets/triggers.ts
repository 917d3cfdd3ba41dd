import { qualifiedClass, userSchema } from '../sql-names.ts';
import { stateFacet } from '../state-facet.ts';

export const triggers = stateFacet({
  covers: 'whether triggers are enabled',
  isDefined: true,
  remedy: 'Enable or disable the trigger as it was at the source.',
  sql: `
    select
      ${qualifiedClass} || ' ' || pg_catalog.quote_ident(trigger.tgname) as object,
      trigger.tgenabled::text as value
    from pg_catalog.pg_trigger as trigger
    join pg_catalog.pg_class as class on class.oid = trigger.tgrelid
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    -- Before version 15, those that a partition has of its table are internal, too.
    where (not trigger.tgisinternal or (trigger.tgparentid <> 0 and trigger.tgconstraint = 0))
    and ${userSchema}
    union all
    select 'event trigger ' || pg_catalog.quote_ident(evtname), evtenabled::text
    from pg_catalog.pg_event_trigger`,
});
