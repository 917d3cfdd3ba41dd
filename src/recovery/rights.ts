/** A right on an object; null is PUBLIC. Owning it is the privilege OWNER. */
export interface Right {
  role: string | null;
  privilege: string;
  grantable: boolean;
}

/** An object of a database, and who may do what with it. Names are written as in SQL. */
export interface ObjectRights {
  object: string;
  /** What has to be there for the rights to mean something: the object itself, or the schema that defaults are for. */
  subject: string;
  /** An object whose rights are rights on this one, too: the table of a column. */
  within: string | null;
  rights: Right[];
}

/** What one role can do on one side only. Null is PUBLIC. */
export interface RoleRights {
  role: string | null;
  objects: { object: string; privileges: string[] }[];
}

/** What a switch would change for roles. */
export interface RightsChange {
  lost: RoleRights[];
  gained: RoleRights[];
}
