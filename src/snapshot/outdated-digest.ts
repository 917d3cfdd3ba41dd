import { currentDigest, type DigestVersion } from './digest-version.ts';

/** What a person has to know where contents are compared by digests of an older version; null for the current one. Pure. */
export function describeOutdatedDigest(
  version: DigestVersion,
): { rule: string; object: string; message: string; remedy: string } | null {
  if (version === currentDigest) return null;
  return {
    rule: 'DIGEST_OUTDATED',
    object: 'manifest',
    message: `The manifest was written by an older release: its digests are of version ${version}, which does not see every change of a bigint, a timestamp, a time or a pg_lsn.`,
    remedy: `Take a new backup: its manifest has digests of version ${currentDigest}, which see every change.`,
  };
}
