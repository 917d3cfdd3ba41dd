/** What a dump says of its database, and of what it needs, before there is a server. */
export interface DumpOutline {
  /** null where the dump does not name it. */
  database: string | null;
  /** The role that the database belongs to; null where the dump does not say it. */
  owner: string | null;
  /** Who owns most of what is in it; null where it names no owners. */
  ownerOfMost: string | null;
  /** Roles that own something, are granted something, or have rules of their own. Those of PostgreSQL itself are left out. */
  roles: string[];
  /** In the order in which the dump creates them. */
  extensions: string[];
  /** Options of CREATE DATABASE, by name: encoding, locale and its provider. */
  databaseOptions: Record<string, string>;
  /** Types of entries that only a superuser may restore. */
  ofSuperuser: string[];
}

/** What a dump has by its own account: entries of its table of contents, and statements. */
interface Told {
  database: string | null;
  owner: string | null;
  /** Number of objects by owner. */
  owned: ReadonlyMap<string, number>;
  types: Iterable<string>;
  needs: { roles: ReadonlySet<string>; extensions: ReadonlyMap<string, unknown>; database: Record<string, string> };
}

/** Sums up what a dump tells. Pure. */
export function outlineOf({ database, owner, owned, types, needs }: Told): DumpOutline {
  const roles = [...new Set([...(owner === null ? [] : [owner]), ...owned.keys(), ...needs.roles])];
  const [most] = [...owned].filter(([role]) => !isOfSystem(role)).toSorted(([, a], [, b]) => b - a);
  return {
    database,
    owner,
    ownerOfMost: most?.[0] ?? null,
    roles: roles.filter((role) => !isOfSystem(role)).toSorted(),
    extensions: [...needs.extensions.keys()],
    databaseOptions: needs.database,
    ofSuperuser: [...new Set(types)].filter((type) => superuserTypes.has(type)),
  };
}

/** No other role may have such a name. */
function isOfSystem(role: string): boolean {
  return role.startsWith('pg_');
}

/** As the table of contents names them. A trusted language takes no superuser, so PROCEDURAL LANGUAGE is not among them. */
const superuserTypes = new Set([
  ...['EVENT TRIGGER', 'FOREIGN DATA WRAPPER', 'ACCESS METHOD', 'SUBSCRIPTION', 'TRANSFORM', 'SHELL TYPE'],
  ...['OPERATOR CLASS', 'OPERATOR FAMILY', 'TEXT SEARCH PARSER', 'TEXT SEARCH TEMPLATE'],
]);
