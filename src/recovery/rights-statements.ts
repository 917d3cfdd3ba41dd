import type { ObjectRights, Right } from './rights.ts';

/**
 * The statements that give every role the rights in the restored database that it has in the live one, a list for each object that
 * both have. Owners stay who they are, and so do their rights where the live object is another's. Pure.
 */
export function rightsStatements(live: ObjectRights[], restored: ObjectRights[]): string[][] {
  const there = new Map(restored.map((each) => [each.object, each]));
  const here = new Map(live.map((each) => [each.object, each]));
  const all = new Map([...restored, ...live].map((each) => [each.object, each]));
  return [...all.values()]
    .filter(({ subject }) => here.has(subject) && there.has(subject))
    .map((each) => {
      const target = targetOf(each);
      if (target === null) return [];
      return changes(target, here.get(each.object)?.rights ?? [], there.get(each.object)?.rights ?? []);
    })
    .filter((statements) => statements.length > 0);
}

/** What stands around a privilege in GRANT: `SELECT (c) ON TABLE t`. */
interface Target {
  before: string;
  columns: string;
  on: string;
}

/** GRANT's names for the types of pg_identify_object. */
const keywords: Record<string, string> = {
  table: 'table',
  view: 'table',
  'materialized view': 'table',
  'foreign table': 'table',
  sequence: 'sequence',
  schema: 'schema',
  function: 'routine',
  procedure: 'routine',
  aggregate: 'routine',
  type: 'type',
  'large object': 'large object',
  language: 'language',
  'foreign-data wrapper': 'foreign data wrapper',
  server: 'foreign server',
};

const identifier = '("(?:[^"]|"")+"|[^" ]+)';
const defaults = new RegExp(`^default privileges of ${identifier} for (.+?)(?: in ${identifier})?$`, 's');

function targetOf({ object, within }: ObjectRights): Target | null {
  const [, creator, kind = '', schema] = defaults.exec(object) ?? [];
  if (creator !== undefined) {
    const where = schema === undefined ? '' : ` in schema ${schema}`;
    return { before: `alter default privileges for role ${creator}${where} `, columns: '', on: kind };
  }
  const named = splitType(within ?? object);
  if (named === null) return null;
  const on = `${named.keyword} ${named.identity}`;
  if (within === null) return { before: '', columns: '', on };
  // `table column public.t.c`, within `table public.t`
  const column = object.slice(object.indexOf(named.identity) + named.identity.length + 1);
  return { before: '', columns: ` (${column})`, on };
}

function splitType(object: string): { keyword: string; identity: string } | null {
  const type = Object.keys(keywords).find((each) => object.startsWith(`${each} `));
  return type === undefined ? null : { keyword: keywords[type] ?? '', identity: object.slice(type.length + 1) };
}

function changes(target: Target, wanted: Right[], actual: Right[]): string[] {
  const [wants, has] = [wanted, actual].map(
    (rights) => new Map(rights.filter(isPrivilege).map((right) => [keyOf(right), right])),
  ) as [Map<string, Right>, Map<string, Right>];
  const isOwner = ({ role }: Right) => actual.some((right) => right.privilege === 'OWNER' && right.role === role);
  const isOwnerOfBoth = (right: Right) =>
    wanted.some(({ privilege, role }) => privilege === 'OWNER' && role === right.role);
  const revoked = [...has.values()].flatMap((right) => {
    if (isOwner(right) && !isOwnerOfBoth(right)) return [];
    const wish = wants.get(keyOf(right));
    if (wish === undefined) return [revoke(target, right, '')];
    return right.grantable && !wish.grantable ? [revoke(target, right, 'grant option for ')] : [];
  });
  const granted = [...wants.values()].flatMap((right) => {
    const now = has.get(keyOf(right));
    return now === undefined || (right.grantable && !now.grantable) ? [grant(target, right)] : [];
  });
  return [...revoked, ...granted];
}

const isPrivilege = ({ privilege }: Right) => privilege !== 'OWNER';
const keyOf = ({ role, privilege }: Right) => `${privilege} ${role ?? ''}`;
const nameOf = ({ role }: Right) => role ?? 'public';

function grant({ before, columns, on }: Target, right: Right): string {
  const option = right.grantable ? ' with grant option' : '';
  return `${before}grant ${right.privilege}${columns} on ${on} to ${nameOf(right)}${option}`;
}

function revoke({ before, columns, on }: Target, right: Right, what: string): string {
  return `${before}revoke ${what}${right.privilege}${columns} on ${on} from ${nameOf(right)} cascade`;
}
