import type { Contribution } from '../../evidence/contribution.ts';
import type { OpenDump } from '../../backup/format/backup-format.ts';
import type { DumpOutline } from '../../backup/format/dump-outline.ts';
import { custom } from '../../backup/format/archive.ts';
import { createDatabase, dropDatabase } from '../../postgres/database.ts';
import { readExtensionVersions } from '../../postgres/extensions.ts';
import { restore } from '../../restore/restore.ts';
import { assertReadable } from '../assert-readable.ts';
import { findClosedByDump } from '../closed-by-dump.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { restoreLimits } from '../limits.ts';
import { chooseJobs } from '../restore-jobs.ts';
import { withProfileLines } from '../profile-lines.ts';
import { asRestored, type RestoredDatabase, type RestoreSite } from '../restore-site.ts';
import { showProgress } from '../show-progress.ts';
import type { Say, StepBody, StepResult } from '../step.ts';
import type { TakenDump } from './dump.ts';

/**
 * Restores the dump that was taken into the empty database. What several sessions do not restore is left to one, as the runbook
 * has it: which error comes first is told by that alone.
 */
export const restoreDump: StepBody<{ site: RestoreSite; dump: TakenDump }, RestoredDatabase> = async (
  { profile, choices },
  { site, dump },
  say,
) => {
  const known = { ...dump, outline: () => custom.outline(dump) };
  const restoreWith = (jobs: number) =>
    restoreInto(site, custom.open(dump, site.served.reader), { ...known, jobs }, say);
  const jobs = choices.faithful === true ? 1 : await chooseJobs(dump, profile);
  if (jobs > 1) {
    const restored = await restoreWith(jobs);
    if (restored.checks?.every(({ status }) => status === 'passed') === true) return { ...restored, ...unlike(jobs) };
    say('restoring once more, with one session');
    const { admin } = site.served.server;
    await dropDatabase(admin, site.name);
    await createDatabase(admin, site.asOwner);
  }
  return restoreWith(1);
};

const unlike = (jobs: number): Contribution => ({
  environment: { unlikeProduction: [{ name: 'pg_restore --jobs', here: String(jobs), production: 'one session' }] },
});

/** What is known of a dump: the database that it was taken from, and its size. */
interface KnownOfDump {
  source?: Pick<Snapshot, 'state' | 'tables'> | null;
  sizeBytes?: number | null;
  /** How many sessions restore it. */
  jobs?: number;
  /** What it says of itself. */
  outline?: () => Promise<DumpOutline | null>;
}

/** Restores a dump as the profile asks for it. */
export async function restoreInto(
  site: RestoreSite,
  dump: OpenDump,
  { source = null, sizeBytes = null, jobs = 1, outline = () => Promise.resolve(null) }: KnownOfDump = {},
  say: Say = () => undefined,
): Promise<StepResult<RestoredDatabase>> {
  const { drill } = site.served;
  using progress = showProgress(say, { bytes: sizeBytes, snapshot: source });
  const { check, ...restored } = await restore(dump, site.target, {
    ...drill.profile,
    // An upgrade brings the versions of the new server.
    extensionVersions: site.served.upgrade === null ? readExtensionVersions(source?.state.EXTENSION) : {},
    jobs,
    limits: restoreLimits(drill, sizeBytes),
    onProgress: progress.onBytes,
    onActivity: progress.onActivity,
  });
  drill.stopwatch.mark('restored');
  const { asAdmin, asReader } = site;
  const closed =
    check.status === 'failed'
      ? null
      : await findClosedByDump(site.served.server.admin, asAdmin.database, asReader.user);
  if (closed !== null) {
    const actual = closed.message;
    return { ...restored, checks: [{ ...check, status: 'failed', actual }], findings: [...restored.findings, closed] };
  }
  if (check.status !== 'failed') await assertReadable(site);
  const findings =
    check.status === 'failed'
      ? withProfileLines(restored.findings, await outline(), drill.profile, drill)
      : restored.findings;
  return { ...restored, findings, checks: [check], made: asRestored(site) };
}
