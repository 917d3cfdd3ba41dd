import { currentDigest } from './digest-version.ts';
import type { Snapshot } from './snapshot.ts';

interface Caveat {
  rule: string;
  object: string;
  message: string;
  remedy: string;
}

/** What a person has to know where a manifest was written by another release, and not everything in it is compared. Pure. */
export function describeManifestAge({ digestVersion, unknown = [] }: Snapshot): Caveat[] {
  const caveats: Caveat[] = [];
  if (digestVersion !== currentDigest) {
    caveats.push({
      rule: 'DIGEST_OUTDATED',
      object: 'manifest',
      message: `The manifest was written by an older release: its digests are of version ${digestVersion}, which does not see every change of a bigint, a timestamp, a time or a pg_lsn.`,
      remedy: `Take a new backup: its manifest has digests of version ${currentDigest}, which see every change.`,
    });
  }
  if (unknown.length > 0) {
    caveats.push({
      rule: 'MANIFEST_NEWER',
      object: 'manifest',
      message: `The manifest was written by a newer release: this one does not know ${unknown.join(', ')}, and does not compare it.`,
      remedy: 'Update restore-rehearsal here to the release that takes the backups.',
    });
  }
  return caveats;
}
