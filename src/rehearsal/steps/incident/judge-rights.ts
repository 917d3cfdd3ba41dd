import type { Contribution } from '../../../evidence/contribution.ts';
import type { Finding } from '../../../evidence/schema.ts';
import type { RightsCost } from '../../../recovery/rights-cost.ts';
import type { Readable } from '../../../recovery/readable-tables.ts';
import type { RoleRights } from '../../../recovery/rights.ts';
import { objectsCheck } from './objects-check.ts';
import { typedAnywhere } from '../../../terminal/suggest.ts';

/** What a switch costs roles, as `npm run restore -- --switch` would refuse it: no fault of the backup, but worth knowing before. */
export function judgeRights(cost: RightsCost): Required<Pick<Contribution, 'facts' | 'findings'>> {
  if (cost.kind !== 'compared') throw new Error('The live database of a rehearsal could not be read.');
  const { lost, gained } = cost.change;
  const carriedOver = countObjects(cost.carried.lost) + countObjects(cost.carried.gained);
  return {
    facts: { rightsLost: countObjects(lost), rightsGained: countObjects(gained), rightsCarriedOver: carriedOver },
    findings: [
      ...lost.map((role) => finding('RIGHTS_LOST', role, 'loses rights on')),
      ...gained.map((role) => finding('RIGHTS_GAINED', role, 'gets rights that are not its own now on')),
    ],
  };
}

/**
 * Whether roles with sessions can read what they could.
 * @param expected one that works with the database all the time
 */
export function judgeReadable(
  readable: Readable[],
  expected: string,
): Required<Pick<Contribution, 'checks' | 'findings'>> {
  const seen = readable.find(({ role }) => role === expected);
  const lost = readable.filter((each) => each.lost.length > 0);
  const wrong = [...lost.map(({ role }) => role), ...(seen === undefined ? [expected] : [])];
  const what = `roles that work with the database read what they could: ${seen?.before ?? 0} tables of one that owns nothing`;
  return {
    checks: [objectsCheck('other-roles-read', what, wrong)],
    findings: lost.map(({ role, lost: tables }) => ({
      rule: 'TABLES_NOT_READABLE',
      severity: 'error',
      object: role,
      message: `After the switch, ${role} cannot read ${tables.slice(0, 3).join(', ')}${tables.length > 3 ? ` and ${tables.length - 3} more` : ''}.`,
      remedy: 'Do not use --switch with this server, and report this.',
    })),
  };
}

function countObjects(roles: RoleRights[]): number {
  return roles.reduce((sum, { objects }) => sum + objects.length, 0);
}

function finding(rule: string, { role, objects }: RoleRights, what: string): Finding {
  const named = objects.slice(0, 3).map(({ object, privileges }) => `${object} (${privileges.join(', ')})`);
  const rest = objects.length > 3 ? ` and ${objects.length - 3} more` : '';
  return {
    rule,
    severity: 'warning',
    object: role ?? 'PUBLIC',
    message: `With the switch, ${role ?? 'PUBLIC'} ${what} ${named.join(', ')}${rest}.`,
    remedy: `${typedAnywhere('restore --switch')} refuses this without --accept-differences. Have the owners and grants at hand as SQL, or set ownership to "preserve" in the profile.`,
  };
}
