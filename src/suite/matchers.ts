import { describeComparison } from '../rehearsal/comparison.ts';
import { RestoreSite } from '../rehearsal/restore-site.ts';
import { snapshotOptions } from '../rehearsal/snapshot-options.ts';
import type { ServedDatabase } from '../rehearsal/served-database.ts';
import { takeSnapshot, type OpenSnapshot } from '../snapshot/take.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** A database on a disposable server, or what was read of one. */
export type Compared = ServedDatabase | RestoreSite | OpenSnapshot;

/** For `expect.extend` of Vitest or Jest. */
export const matchers = {
  /** Holds where the database has the content, the definitions and the state of the reference. Names what differs, and no row. */
  async toBeRestoredFrom(restored: ServedDatabase | RestoreSite, reference: Compared) {
    const { profile } = servedOf(restored).drill;
    const [before, after] = [await snapshotFor(reference), await snapshotFor(restored)];
    const { findings = [], checks = [] } = describeComparison(before, after, profile);
    const errors = findings.filter(({ severity }) => severity === 'error');
    const notRun = checks
      .filter(({ status }) => status === 'not-run')
      .map(({ id, reason }) => `${id}: ${reason ?? ''}`);
    const problems = [...errors.map(({ rule, message }) => `${rule}: ${message}`), ...notRun];
    return {
      pass: problems.length === 0,
      message: () =>
        problems.length === 0
          ? 'The database is restored from the reference: nothing differs.'
          : `The database is not restored from the reference:\n${problems.map((each) => `  ${each}`).join('\n')}`,
    };
  },
};

async function snapshotFor(compared: Compared): Promise<Snapshot> {
  if ('snapshot' in compared) return compared.snapshot;
  return takeSnapshot(compared.asReader, snapshotOptions(servedOf(compared)));
}

function servedOf(compared: ServedDatabase | RestoreSite): ServedDatabase {
  return compared instanceof RestoreSite ? compared.served : compared;
}
