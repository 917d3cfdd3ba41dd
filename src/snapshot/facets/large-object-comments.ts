import { sortAcl } from '../sort-acl.ts';
import { stateFacet } from '../state-facet.ts';

export const largeObjectComments = stateFacet({
  check: 'large-objects',
  // What is no comment are an owner and privileges.
  normalise: (values) =>
    Object.fromEntries(
      Object.entries(values).map(([object, value]) => [object, object.endsWith(' comment') ? value : sortAcl(value)]),
    ),
  covers: 'comments of large objects',
  remedy: 'Restore with a superuser, who can give large objects back to their owners.',
  sql: `
    select objoid::text || ' comment' as object, description as value
    from pg_catalog.pg_description
    where classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass`,
  ownersSql: `
    select oid::text as object, pg_catalog.pg_get_userbyid(lomowner) || ' ' || coalesce(lomacl::text, '') as value
    from pg_catalog.pg_largeobject_metadata`,
});
