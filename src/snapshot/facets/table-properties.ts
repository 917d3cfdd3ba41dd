import { qualifiedClass, userSchema } from '../sql-names.ts';
import { stateFacet } from '../state-facet.ts';

export const tableProperties = stateFacet({
  covers: 'row security, replica identity, persistence and clustering of tables',
  isDefined: true,
  remedy: 'Set row security, replica identity or clustering of the table as at the source.',
  sql: `
    select
      ${qualifiedClass} as object,
      pg_catalog.format(
        'row security %s, forced %s, replica identity %s, persistence %s, clustered on %s',
        class.relrowsecurity, class.relforcerowsecurity,
        coalesce((
          select pg_catalog.quote_ident(index_class.relname)
          from pg_catalog.pg_index as index
          join pg_catalog.pg_class as index_class on index_class.oid = index.indexrelid
          where index.indrelid = class.oid
          and index.indisreplident
          and class.relreplident = 'i'
        ), class.relreplident::text),
        class.relpersistence,
        coalesce((
          select pg_catalog.quote_ident(index_class.relname)
          from pg_catalog.pg_index as index
          join pg_catalog.pg_class as index_class on index_class.oid = index.indexrelid
          where index.indrelid = class.oid
          and index.indisclustered
        ), 'none')
      ) as value
    from pg_catalog.pg_class as class
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    where class.relkind in ('r', 'p', 'm', 'f')
    and class.relpersistence <> 't'
    and ${userSchema}`,
});
