import pg from 'pg';
import { readGlobalsLine, type GlobalsLine, type GlobalsStatement } from '../postgres/globals-lines.ts';

/** Which roles of a backup are made on a server, and how. */
export interface RolePlan {
  made: NewRole[];
  /** Those that are there already, and stay as they are. */
  kept: string[];
  /** Who may act for whom, once all roles are there. Each can be refused without harm to the others. */
  memberships: GlobalsLine[];
}

/** A role that is made. */
export interface NewRole {
  name: string;
  /** What pg_dumpall writes of it: `NOSUPERUSER INHERIT … LOGIN …`. */
  attributes: string;
  /** Settings and comments. */
  statements: GlobalsLine[];
}

/**
 * Plans which roles are made from dumped globals. Roles that are there are anybody's: nothing of them is changed, and none of
 * them is made a member. What roles have set in databases is left out: the manifest has it for the restored one. Pure.
 * @param globals null where none were kept
 * @param owner of the database, who is made even where the globals do not name it
 * @param existing roles of the server
 */
export function planRoles(globals: string | null, owner: string, existing: ReadonlySet<string>): RolePlan {
  const lines = (globals ?? '').split('\n').flatMap((line) => readGlobalsLine(line) ?? []);
  const named = lines.filter(({ kind }) => kind === 'create').map(({ role }) => role);
  const all = named.includes(owner) ? named : [...named, owner];
  const made = all
    .filter((role) => !existing.has(role))
    .map((name): NewRole => {
      const own = lines.filter(({ role }) => role === name);
      const attributes = own.find(({ kind }) => kind === 'attributes')?.rest ?? (named.includes(name) ? '' : 'LOGIN');
      return { name, attributes, statements: own.filter(({ kind }) => ofRole.has(kind)) };
    });
  const isMade = new Set(made.map(({ name }) => name));
  return {
    made,
    kept: all.filter((role) => existing.has(role)),
    memberships: lines.filter(({ kind, role }) => kind === 'membership' && isMade.has(role)),
  };
}

const ofRole = new Set<GlobalsStatement>(['setting', 'comment']);

/** A statement about a role, without its values: they may be secrets. Pure. */
export function describeLine({ kind, role, rest, text }: GlobalsLine): string {
  if (kind === 'setting') return `the setting ${rest.split(' TO ', 1)[0] ?? ''} of ${role}`;
  return kind === 'comment' ? `the comment on ${role}` : text;
}

/** Whether a role gets the password that it had. Pure. */
export function hasPassword({ attributes }: NewRole): boolean {
  return attributes.includes(" PASSWORD '");
}

/** Whether a role may log in, and has nothing to do so with. Pure. */
export function needsPassword(role: NewRole): boolean {
  return /(?:^| )LOGIN(?: |$)/.test(role.attributes) && !hasPassword(role);
}

/** Rights over the server that only a superuser gives. Pure. */
export function rightsOfServer({ attributes }: NewRole): string[] {
  const words = attributes.split("'", 1)[0]?.split(' ') ?? [];
  return superuserGives.filter((right) => words.includes(right));
}

const superuserGives = ['SUPERUSER', 'REPLICATION', 'BYPASSRLS'];

/**
 * The statement that makes a role. It says nothing of what only a superuser may speak of: a new role has none of it. Pure.
 */
export function createRoleStatement(role: NewRole, asSuperuser: boolean): string {
  const refused = new Set(superuserGives.map((right) => `NO${right}`));
  const [plain = '', ...quoted] = role.attributes.split(/(?= (?:PASSWORD|VALID UNTIL) ')/);
  const words = plain.split(' ').filter((word) => asSuperuser || !refused.has(word));
  const attributes = [words.join(' '), ...quoted.map((each) => each.trim())].filter((each) => each !== '');
  return ['create role', pg.escapeIdentifier(role.name), ...attributes].join(' ');
}
