import type { Found } from '../difference.ts';
import type { Facet } from '../facet.ts';
import { stateFacet, type Values } from '../state-facet.ts';
import { definitionOf, hashOf, namedObject } from '../system-objects.ts';

/** What hangs on a table of an extension is as little in a dump as the table. */
const onTables = [
  `select 'pg_catalog.pg_class'::pg_catalog.regclass, indexrelid, indrelid from pg_catalog.pg_index`,
  `select 'pg_catalog.pg_trigger'::pg_catalog.regclass, oid, tgrelid from pg_catalog.pg_trigger where not tgisinternal`,
  `select 'pg_catalog.pg_constraint'::pg_catalog.regclass, oid, conrelid from pg_catalog.pg_constraint where contype <> 'n'`,
  `select 'pg_catalog.pg_rewrite'::pg_catalog.regclass, oid, ev_class from pg_catalog.pg_rewrite where rulename <> '_RETURN'`,
  `select 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, oid, stxrelid from pg_catalog.pg_statistic_ext`,
];

/** Which types of the system are named with their schema differs between versions. */
const unqualified = (name: string) => `pg_catalog.replace(${name}, 'pg_catalog.', '')`;

const members = stateFacet({
  // Context: PostgreSQL prints definitions otherwise from one major version to the next; still caught: members that are missing.
  origin: ({ kind }) => (kind === 'changed' ? 'version' : 'backup'),
  covers: 'members of extensions and comments on them, which no dump holds',
  remedy:
    'No dump holds what was done to an extension: a restore creates it anew. Keep the change in a script that is run after every restore, and tolerate this in the profile.',
  isTolerable: true,
  sql: `
    with member as (
      select extension.extname::pg_catalog.text as extname, depend.classid, depend.objid
      from pg_catalog.pg_depend as depend
      join pg_catalog.pg_extension as extension
        on depend.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and extension.oid = depend.refobjid
      where depend.deptype = 'e'
      -- From version 17 on, arrays of its types are members, too.
      and not exists (
        select from pg_catalog.pg_depend as whole
        where whole.classid = depend.classid
        and whole.objid = depend.objid
        and whole.deptype = 'i'
      )
    ),
    object as (
      select extname, classid, objid from member
      union
      select member.extname, attached.class, attached.oid
      from member
      join (${onTables.join(' union all ')}) as attached (class, oid, relation)
        on member.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and attached.relation = member.objid
    )
    select extname::pg_catalog.text as object, extension.extversion || ' in ' || namespace.nspname as value
    from pg_catalog.pg_extension as extension
    join pg_catalog.pg_namespace as namespace on namespace.oid = extension.extnamespace
    union all
    select extname || ': ' || ${unqualified(namedObject('classid', 'objid'))}, ${definitionOf('classid', 'objid')}
    from object
    union all
    select
      pg_catalog.format('%s: comment on %s', object.extname, ${unqualified("named.type || ' ' || named.identity")}),
      ${hashOf('description.description')}
    from object
    join pg_catalog.pg_description as description on description.classoid = object.classid and description.objoid = object.objid
    cross join pg_catalog.pg_identify_object(object.classid, object.objid, description.objsubid) as named`,
});

export const extensionMembers: Facet<Values> = {
  ...members,
  // Another version has other members, and so has one in another schema by name: facets/extensions.ts says so.
  compare: (before, after, id): Found[] => {
    const isSame = (object: string) => {
      const extension = object.split(': ', 1)[0] ?? '';
      return before[extension] !== undefined && before[extension] === after[extension];
    };
    return members.compare(before, after, id).filter(({ object }) => isSame(object));
  },
};
