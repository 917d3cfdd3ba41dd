import type { Evidence } from './schema.ts';

const shownObjects = 5;

/** Of an upgrade, what its verdict means: `ready for PostgreSQL 17`, or not, and why; null where none was rehearsed, or nothing is known. Pure. */
export function describeUpgrade({
  verdict,
  steps,
  findings,
}: Pick<Evidence, 'verdict' | 'steps' | 'findings'>): string | null {
  const to = steps.map(({ facts }) => facts['upgradeTo']).find((major) => typeof major === 'number');
  if (to === undefined || verdict === 'could-not-run') return null;
  if (verdict === 'verified') return `ready for PostgreSQL ${to}`;
  const against = findings.filter(({ severity }) => severity === 'error').map(({ object }) => object);
  const objects = [...new Set(against)];
  const more = objects.length > shownObjects ? ` and ${objects.length - shownObjects} more` : '';
  const named = objects.length === 0 ? '' : `: ${objects.slice(0, shownObjects).join(', ')}${more}`;
  return `not ready for PostgreSQL ${to}${named}`;
}
