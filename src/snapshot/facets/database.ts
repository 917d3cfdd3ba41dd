import { localeProperties } from '../../postgres/database-locale.ts';
import { sortAcl } from '../sort-acl.ts';
import { stateFacet, type Values } from '../state-facet.ts';

const ofServer = new Set([...localeProperties.filter((name) => name !== 'encoding'), 'datcollversion', 'datconnlimit']);

/**
 * Context: versions of PostgreSQL have different columns for the same (daticulocale became datlocale in 17; 14 knows the provider
 * libc alone); still caught: every value that differs from that of a version which does not have the column.
 */
function withoutVersions(values: Values): Values {
  const { daticulocale, datlocale = daticulocale, ...others } = values;
  const { privileges } = others;
  return {
    ...{ ...absent, ...others },
    ...(datlocale !== undefined && { datlocale }),
    ...(privileges !== undefined && { privileges: sortAcl(privileges) }),
  };
}

/** What a column says that an older version does not have. */
const absent: Record<string, string> = { datlocprovider: 'c', datlocale: '', daticurules: '', datcollversion: '' };

export const database = stateFacet({
  // Context: locales are the operating system's, and whether this server has them is known before anything is restored; a
  // connection limit is in no dump. Still caught: the encoding, and every row, which is digested independently of both.
  origin: ({ object }) => (ofServer.has(object) ? 'server' : 'backup'),
  normalise: withoutVersions,
  covers: 'encoding, locale, collation version, connection limit and comment of the database',
  remedy: 'Create the database as the source was created: pg_dump --create writes the statement.',
  // The columns differ between versions of PostgreSQL: those that there are are taken by name.
  sql: `
    select property.key as object, coalesce(property.value, '') as value
    from pg_catalog.pg_database as database,
      pg_catalog.jsonb_each_text(pg_catalog.to_jsonb(database)) as property
    where database.datname = pg_catalog.current_database()
    and property.key in (
      'encoding', 'datlocprovider', 'datcollate', 'datctype', 'daticulocale', 'datlocale', 'daticurules',
      'datcollversion', 'datconnlimit'
    )
    union all
    select 'comment', coalesce(pg_catalog.shobj_description(oid, 'pg_database'), '')
    from pg_catalog.pg_database
    where datname = pg_catalog.current_database()`,
  ownersSql: `
    select 'owner' as object, pg_catalog.pg_get_userbyid(datdba)::text as value
    from pg_catalog.pg_database
    where datname = pg_catalog.current_database()
    union all
    select 'privileges', coalesce(datacl, pg_catalog.acldefault('d', datdba))::text
    from pg_catalog.pg_database
    where datname = pg_catalog.current_database()`,
});
