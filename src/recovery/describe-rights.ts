import type { RightsCost } from './rights-cost.ts';
import type { RightsChange, RoleRights } from './rights.ts';

const headings = {
  would: {
    lost: 'Roles would lose rights:',
    gained: 'Roles would get rights that are not theirs now:',
  },
  done: {
    lost: 'Roles have lost rights:',
    gained: 'Roles have got rights that were not theirs:',
  },
};

const carriedOver = {
  granted: 'Granted by a switch, as in the live database:',
  revoked: 'Revoked by a switch, as in the live database:',
};

/** Who has most to lose comes first; the rest of a list that nobody reads to its end is a number. */
const shortly = { roles: 4, objects: 3 };
const everything = { roles: Infinity, objects: Infinity };

/** How much is reported of which live database, and whether the switch has been made. */
export interface Telling {
  live: string;
  all: boolean;
  done?: boolean;
}

/** What a switch costs roles, in lines for people. Pure. */
export function describeCost(cost: RightsCost, { live, all, done = false }: Telling): string[] {
  if (cost.kind === 'no-live') {
    return [
      `Nothing was live, so no role loses what it has. Grants that there were in ${live} are in the restored database where the profile's ownership is 'preserve'; else give roles theirs by hand.`,
    ];
  }
  if (cost.kind === 'unreadable') {
    return [`The rights in ${live} could not be read, and so nobody knows what roles lose: ${cost.reason}`];
  }
  const { change, carried } = cost;
  const heading = headings[done ? 'done' : 'would'];
  const limits = all ? everything : shortly;
  const lines = [
    ...describe(carriedOver.granted, carried.lost, limits),
    ...describe(carriedOver.revoked, carried.gained, limits),
    ...describe(heading.lost, change.lost, limits),
    ...describe(heading.gained, change.gained, limits),
  ];
  if (lines.length === 0) return [`Every role may do there what it may do in ${live}.`];
  const isWhole = all || ![change, carried].some(isShortened);
  return isWhole ? lines : [...lines, '--all-rights lists all of them.'];
}

/** Whether there is more to report than the short lines do. */
function isShortened({ lost, gained }: RightsChange): boolean {
  const tooLong = (roles: RoleRights[]) =>
    roles.length > shortly.roles || roles.some(({ objects }) => objects.length > shortly.objects);
  return tooLong(lost) || tooLong(gained);
}

function describe(heading: string, roles: RoleRights[], limits: typeof shortly): string[] {
  if (roles.length === 0) return [];
  const sorted = roles.toSorted((a, b) => b.objects.length - a.objects.length);
  return [
    heading,
    ...sorted.slice(0, limits.roles).flatMap((role) => describeRole(role, limits.objects)),
    ...more(roles.length - limits.roles, 'role').map((line) => `  ${line}`),
  ];
}

function describeRole({ role, objects }: RoleRights, limit: number): string[] {
  return [
    `  ${role ?? 'PUBLIC'}, on ${count(objects.length, 'object')}`,
    ...objects.slice(0, limit).map(({ object, privileges }) => `    ${object}: ${privileges.join(', ')}`),
    ...more(objects.length - limit, 'object').map((line) => `    ${line}`),
  ];
}

function more(left: number, what: string): string[] {
  return left > 0 ? [`and ${left} more ${what}${left === 1 ? '' : 's'}`] : [];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
