import type { Difference } from './difference.ts';
import type { Facet } from './facet.ts';
import { facetIds, facets } from './facets.ts';
import type { FacetId, Parts, Snapshot } from './snapshot.ts';

/**
 * Names every difference of a restored database from its source, each once, as far as it was read on both sides. Pure.
 * @param ids the facets that are compared; all of them, if left out
 * @throws Error where their digests are of different versions, and cannot be compared
 */
export function compareSnapshots(before: Snapshot, after: Snapshot, ids: readonly FacetId[] = facetIds): Difference[] {
  if (before.digestVersion !== after.digestVersion) {
    throw new Error(
      `Digests of version ${after.digestVersion} were read, to compare with version ${before.digestVersion}.`,
    );
  }
  const [expected, actual] = [before, after].map(partsOf) as [Partial<Parts>, Partial<Parts>];
  const differences = ids.flatMap((id) => compareFacet(id, expected, actual));
  const first = new Map(differences.toReversed().map((difference) => [identity(difference), difference]));
  return differences.filter((difference) => first.get(identity(difference)) === difference);
}

/** What a snapshot holds, by facet. Pure. */
export function partsOf({ state, ...snapshot }: Snapshot): Partial<Parts> {
  return { ...snapshot, ...state };
}

function compareFacet<Id extends FacetId>(
  id: Id,
  before: Partial<Pick<Parts, Id>>,
  after: Partial<Pick<Parts, Id>>,
): Difference[] {
  const facet: Facet<Parts[Id]> = facets[id];
  const { checks, origin } = facet;
  const expected: Parts[Id] | undefined = before[id];
  const actual: Parts[Id] | undefined = after[id];
  if (expected === undefined || actual === undefined) return [];
  return facet.compare(expected, actual, id).map((found) => ({ checks, origin, ...found }));
}

/** Definitions name an object as it is, everything else quotes it: it is the same object. */
function identity({ rule, object }: Difference): string {
  return `${rule} ${object.replaceAll('"', '')}`;
}
