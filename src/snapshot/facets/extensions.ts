import { stateFacet } from '../state-facet.ts';

export const extensions = stateFacet({
  // Context: each major version ships its own versions of extensions; still caught: extensions that are missing.
  origin: ({ kind }) => (kind === 'changed' ? 'version' : 'backup'),
  covers: 'versions and schemas of extensions',
  remedy: 'Install the same version of the extension on the server that is restored to.',
  sql: `
    select extension.extname as object, extension.extversion || ' in ' || namespace.nspname as value
    from pg_catalog.pg_extension as extension
    join pg_catalog.pg_namespace as namespace on namespace.oid = extension.extnamespace`,
});
