import type { Contribution } from '../../../evidence/contribution.ts';
import type { Finding } from '../../../evidence/schema.ts';
import type { RightsCost } from '../../../recovery/rights-cost.ts';
import type { RoleRights } from '../../../recovery/rights.ts';

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
    remedy:
      'npm run restore -- --switch refuses this without --accept-differences. Have the owners and grants at hand as SQL, or set ownership to "preserve" in the profile.',
  };
}
