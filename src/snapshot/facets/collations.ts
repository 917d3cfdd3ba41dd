import { userSchema } from '../sql-names.ts';
import { stateFacet } from '../state-facet.ts';

export const collations = stateFacet({
  // Context: versions of collations are the operating system's, and indexes have just been built with them; still caught: every row.
  origin: 'server',
  covers: 'versions of collations',
  remedy: 'Restore on the same release of the operating system or image, or run REINDEX: sort order may differ.',
  sql: `
    select pg_catalog.format('%I.%I', namespace.nspname, coll.collname) as object, coalesce(coll.collversion, '') as value
    from pg_catalog.pg_collation as coll
    join pg_catalog.pg_namespace as namespace on namespace.oid = coll.collnamespace
    where ${userSchema}`,
});
