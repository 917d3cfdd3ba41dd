import { majorVersion } from '../postgres/version.ts';
import { compareSnapshots } from './compare.ts';
import type { Difference } from './difference.ts';
import { facetIds } from './facets.ts';
import type { FacetId, Snapshot } from './snapshot.ts';

/** Where the reference of a comparison was taken, as seen from the server that was restored to. */
export interface Reference {
  server: 'same' | 'other';
  sameMajor: boolean;
  /** Facets of which the reference says nothing here. */
  leftOut: readonly FacetId[];
}

/** The reference was taken on the server that is restored to. */
export const here: Reference = { server: 'same', sameMajor: true, leftOut: [] };

/** The reference was taken on another server, or on this one before it was set up anew. Pure. */
export function elsewhere(versionThere: string, versionHere: string, leftOut: readonly FacetId[] = []): Reference {
  return { server: 'other', sameMajor: majorVersion(versionThere) === majorVersion(versionHere), leftOut };
}

/** The facets that are compared with a reference. Pure. */
export function comparedWith({ leftOut }: Reference): FacetId[] {
  return facetIds.filter((id) => !leftOut.includes(id));
}

/** What differs in the facets that are compared, and how it weighs. Pure. */
export function findDifferences(
  before: Snapshot,
  after: Snapshot,
  reference: Reference,
  ids = comparedWith(reference),
): Difference[] {
  return compareSnapshots(before, after, ids)
    .map((difference) => weigh(difference, reference))
    .filter((difference) => difference !== null);
}

/**
 * How a difference weighs: as it was found, where it speaks against the backup; as a warning, where it does not; as nothing,
 * where the other server has something besides that is its own. The one place that decides it, for drills and incidents. Pure.
 */
export function weigh(difference: Difference, { server, sameMajor }: Reference): Difference | null {
  const { origin, kind } = difference;
  const ofServer = origin === 'server' && server === 'other';
  if (ofServer && kind === 'unexpected') return null;
  const isExcused = ofServer || origin === 'derived' || (origin === 'version' && !sameMajor);
  return isExcused ? { ...difference, severity: 'warning' } : difference;
}
