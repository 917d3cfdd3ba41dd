import type { Profile } from '../config/profile.ts';
import type { Finding } from '../evidence/schema.ts';
import type { Difference } from '../snapshot/difference.ts';
import { toFinding } from './to-finding.ts';

/**
 * Makes a warning of an error that the profile tolerates, with the reason it gives; an error again once that has expired.
 * Only for what may be tolerated: errors of the tool that restores, and what a dump leaves out or cannot hold. Pure.
 */
export function weighTolerated(finding: Finding, tolerated: Profile['tolerate'], now: Date): Finding {
  const { message, remedy } = finding;
  const known = tolerated.find(({ message: part }) => message.includes(part));
  if (known === undefined) return finding;
  const { reason, until } = known;
  if (until !== undefined && now.getTime() > Date.parse(`${until}T23:59:59.999Z`)) {
    const expired = `${message} (tolerated until ${until}: ${reason})`;
    return { ...finding, message: expired, remedy: `${remedy} Or renew "until" in the profile.` };
  }
  return { ...finding, severity: 'warning', message: `${message} (tolerated: ${reason})` };
}

/** The same for what differs from a manifest, as far as no dump can hold it. Pure. */
export function tolerateDifferences(tolerated: Profile['tolerate'], now: Date): (difference: Difference) => Difference {
  return (difference) => {
    if (difference.isTolerable !== true || difference.severity !== 'error') return difference;
    const { severity, message, remedy } = weighTolerated(toFinding(difference), tolerated, now);
    return { ...difference, severity, message, remedy };
  };
}
