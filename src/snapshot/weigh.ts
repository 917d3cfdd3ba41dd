import { majorVersion } from '../postgres/version.ts';
import { compareSnapshots } from './compare.ts';
import type { Difference } from './difference.ts';
import { facetIds } from './facets.ts';
import { isHashed } from './normalise-schema.ts';
import { explainByMajors, type Majors, type PrintedOtherwise } from './printed-otherwise.ts';
import type { FacetId, Snapshot } from './snapshot.ts';

/** Where the reference of a comparison was taken, as seen from the server that was restored to. */
export interface Reference {
  server: 'same' | 'other';
  sameMajor: boolean;
  /** Facets of which the reference says nothing here. */
  leftOut: readonly FacetId[];
  /** The majors of both servers, where they are others. */
  majors?: Majors;
  /** Whether the other major is what is rehearsed: then what it is not known to print otherwise is an error. */
  isUpgrade?: boolean;
}

/** The reference was taken on the server that is restored to. */
export const here: Reference = { server: 'same', sameMajor: true, leftOut: [] };

/** The reference was taken on another server, or on this one before it was set up anew. Pure. */
export function elsewhere(versionThere: string, versionHere: string, leftOut: readonly FacetId[] = []): Reference {
  const majors = { from: majorVersion(versionThere), to: majorVersion(versionHere) };
  const sameMajor = majors.from === majors.to;
  return { server: 'other', sameMajor, leftOut, ...(!sameMajor && { majors }) };
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
    .filter((difference) => explainDefinition(difference, before.schema, after.schema, reference) === null)
    .map((difference) => weigh(difference, reference))
    .filter((difference) => difference !== null);
}

/** What was not held against definitions, since both majors print it otherwise: how many of them for each reason. Pure. */
export function countPrintedOtherwise(before: Snapshot, after: Snapshot, reference: Reference): Map<string, number> {
  const counts = new Map<string, number>();
  if (reference.majors === undefined) return counts;
  for (const difference of compareSnapshots(before, after, ['schema'])) {
    for (const { what } of explainDefinition(difference, before.schema, after.schema, reference) ?? []) {
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
  }
  return counts;
}

/** Why a changed definition is the same one, printed by another major; null where it is not. Pure. */
export function explainDefinition(
  { entry, origin }: Pick<Difference, 'entry' | 'origin'>,
  before: Snapshot['schema'],
  after: Snapshot['schema'],
  { majors }: Reference,
): PrintedOtherwise[] | null {
  if (entry === undefined || origin !== 'version' || majors === undefined) return null;
  const [there, here] = [before[entry], after[entry]];
  return there === undefined || here === undefined ? null : explainByMajors(there, here, majors);
}

/**
 * How a difference weighs: as it was found, where it speaks against the backup; as a warning, where it does not; as nothing,
 * where the other server has something besides that is its own. The one place that decides it, for drills and incidents. Pure.
 */
export function weigh(difference: Difference, { server, sameMajor, isUpgrade = false }: Reference): Difference | null {
  const { origin, kind } = difference;
  const ofServer = origin === 'server' && server === 'other';
  if (ofServer && kind === 'unexpected') return null;
  // Of a definition that is known by a hash alone, nobody can say what another major prints otherwise.
  const ofMajor = origin === 'version' && !sameMajor && (!isUpgrade || isHashed(difference.entry ?? ''));
  const isExcused = ofServer || origin === 'derived' || ofMajor;
  return isExcused ? { ...difference, severity: 'warning' } : difference;
}
