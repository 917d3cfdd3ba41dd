import { definitionOf, namedObject } from '../system-objects.ts';
import { stateFacet } from '../state-facet.ts';

/** Objects of the catalogs that have a schema, but for relations' row types and what belongs to another object. */
const objects = [
  ['pg_proc', 'pronamespace'],
  ['pg_type', 'typnamespace'],
  ['pg_class', 'relnamespace'],
  ['pg_operator', 'oprnamespace'],
  ['pg_opclass', 'opcnamespace'],
  ['pg_opfamily', 'opfnamespace'],
  ['pg_collation', 'collnamespace'],
  ['pg_conversion', 'connamespace'],
  ['pg_ts_config', 'cfgnamespace'],
  ['pg_ts_dict', 'dictnamespace'],
  ['pg_ts_parser', 'prsnamespace'],
  ['pg_ts_template', 'tmplnamespace'],
  ['pg_statistic_ext', 'stxnamespace'],
].map(
  ([catalog = '', schema = '']) =>
    `select 'pg_catalog.${catalog}'::pg_catalog.regclass as class, oid, ${schema} as namespace from pg_catalog.${catalog} where oid >= 16384`,
);

export const systemSchemaObjects = stateFacet({
  // Context: template1 of a server may have its own; PostgreSQL prints definitions otherwise from one major version to the next.
  // Still caught: objects that are missing.
  origin: ({ kind }) => (kind === 'unexpected' ? 'server' : kind === 'changed' ? 'version' : 'backup'),
  covers: 'objects that somebody created in pg_catalog or information_schema, which no dump holds',
  remedy:
    'No dump holds it: create it in a schema of your own, or keep it in a script that is run after every restore, and tolerate this in the profile.',
  isTolerable: true,
  // Objects of initdb have oids below 16384 (FirstNormalObjectId in PostgreSQL's access/transam.h).
  sql: `
    select ${namedObject('object.class', 'object.oid')} as object, ${definitionOf('object.class', 'object.oid')} as value
    from (${objects.join(' union all ')}) as object
    where object.namespace in ('pg_catalog'::pg_catalog.regnamespace, 'information_schema'::pg_catalog.regnamespace)
    and not exists (
      select from pg_catalog.pg_depend as depend
      where depend.classid = object.class
      and depend.objid = object.oid
      and depend.deptype in ('e', 'i')
    )`,
});
