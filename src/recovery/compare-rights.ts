import type { ObjectRights, RightsChange, RoleRights } from './rights.ts';

/**
 * What roles would lose, and what they would get, if the restored database took the place of the live one. Objects are the
 * same where they have the same name. What is on one side only is left out: it is missing itself, or new itself. A right that
 * everybody has on the other side, or that comes with the table of a column there, is neither lost nor gained. Pure.
 */
export function compareRights(live: ObjectRights[], restored: ObjectRights[]): RightsChange {
  return { lost: findOnlyIn(live, restored), gained: findOnlyIn(restored, live) };
}

function findOnlyIn(here: ObjectRights[], there: ObjectRights[]): RoleRights[] {
  const others = new Map(there.map((each) => [each.object, each]));
  const found = new Map<string | null, RoleRights>();
  for (const { object, subject, within, rights } of here) {
    if (!others.has(subject)) continue;
    const covering = [others.get(object), others.get(within ?? object)];
    for (const [role, privileges] of byRole(rights)) {
      const missing = [...privileges].filter((privilege) => !covering.some((other) => has(other, role, privilege)));
      if (missing.length === 0) continue;
      const ofRole = found.get(role) ?? { role, objects: [] };
      ofRole.objects.push({ object, privileges: shorten(missing) });
      found.set(role, ofRole);
    }
  }
  return [...found.values()].map(sortObjects).toSorted((a, b) => compareTexts(a.role ?? '', b.role ?? ''));
}

const grantOption = ' WITH GRANT OPTION';

/** The right to pass a privilege on is one of its own. */
function byRole(rights: ObjectRights['rights']): Map<string | null, Set<string>> {
  const roles = new Map<string | null, Set<string>>();
  for (const { role, privilege, grantable } of rights) {
    const privileges = roles.get(role) ?? new Set();
    privileges.add(privilege);
    if (grantable) privileges.add(`${privilege}${grantOption}`);
    roles.set(role, privileges);
  }
  return roles;
}

function has(other: ObjectRights | undefined, role: string | null, wanted: string): boolean {
  return (
    other?.rights.some(
      ({ role: holder, privilege, grantable }) =>
        (holder === role || holder === null) &&
        (privilege === wanted || (grantable && `${privilege}${grantOption}` === wanted)),
    ) === true
  );
}

/** Who owns an object can do anything with it, and a right that may be passed on is a right. */
function shorten(privileges: string[]): string[] {
  if (privileges.includes('OWNER')) return ['OWNER'];
  return privileges.filter((privilege) => !privileges.includes(`${privilege}${grantOption}`)).toSorted();
}

function sortObjects({ role, objects }: RoleRights): RoleRights {
  return { role, objects: objects.toSorted((a, b) => compareTexts(a.object, b.object)) };
}

/** By code units, whatever the locale of the machine is. No two are equal. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : 1;
}
