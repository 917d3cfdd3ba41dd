const leastMs = 10 * 60_000;
/** Slower than any disk that a server runs on, with all indexes and checks. */
const slowestBytesPerMs = 1000;
/** A database takes more than its dump: rows have headers, and indexes are not in it. */
const timesOfDump = { packed: 6, plain: 2 };

/** How much a dump is likely to take once it has been restored. Pure. */
export function likelyDatabaseBytes({ sizeBytes, isPacked }: { sizeBytes: number; isPacked: boolean }): number {
  return sizeBytes * (isPacked ? timesOfDump.packed : timesOfDump.plain);
}

/**
 * How long the restore of a dump may take before something in it hangs: a function in a check, an index or a trigger that never
 * ends is code of the dump. Pure.
 */
export function restoreTimeoutMs(dumpBytes: number): number {
  return leastMs + Math.ceil(likelyDatabaseBytes({ sizeBytes: dumpBytes, isPacked: true }) / slowestBytesPerMs);
}
