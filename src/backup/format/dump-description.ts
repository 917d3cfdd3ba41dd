import { majorVersion } from '../../postgres/version.ts';

/** What the first bytes of a dump say of it; null where they do not say. */
export interface DumpDescription {
  /** Plain SQL does not name its database. */
  database: string | null;
  serverVersion: string | null;
  dumpVersion: string | null;
  /** `2026-02-09 09:48:03`, in the time zone of the machine that made it, which is not said. */
  madeAt: string | null;
}

export const undescribed: DumpDescription = { database: null, serverVersion: null, dumpVersion: null, madeAt: null };

/** The major version that a dump needs to be restored: that of its server, or of a newer pg_dump; 0 where it says neither. Pure. */
export function newestMajor({
  serverVersion,
  dumpVersion,
}: Pick<DumpDescription, 'serverVersion' | 'dumpVersion'>): number {
  return Math.max(majorVersion(serverVersion ?? '0'), majorVersion(dumpVersion ?? '0'));
}
