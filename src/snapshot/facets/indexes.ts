import { qualifiedClass, userSchema } from '../sql-names.ts';
import { stateFacet } from '../state-facet.ts';

export const indexes = stateFacet({
  covers: 'validity of indexes',
  isDefined: true,
  remedy: 'Run REINDEX: the index is not used as it is.',
  sql: `
    select
      ${qualifiedClass} as object,
      case when index.indisvalid and index.indisready then 'valid' else 'invalid' end as value
    from pg_catalog.pg_index as index
    join pg_catalog.pg_class as class on class.oid = index.indexrelid
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    where ${userSchema}`,
});
