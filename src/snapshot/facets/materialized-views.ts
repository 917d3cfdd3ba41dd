import { qualifiedClass, userSchema } from '../sql-names.ts';
import { stateFacet } from '../state-facet.ts';

export const materializedViews = stateFacet({
  covers: 'whether materialised views are populated',
  isDefined: true,
  remedy: 'Run REFRESH MATERIALIZED VIEW, and read the log of pg_restore.',
  sql: `
    select ${qualifiedClass} as object, case when class.relispopulated then 'populated' else 'empty' end as value
    from pg_catalog.pg_class as class
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    where class.relkind = 'm'
    and ${userSchema}`,
});
