import type { TakenBackup } from '../../../backup/take-backup.ts';
import type { Finding } from '../../../evidence/schema.ts';
import { PoolerConsole } from '../../../recovery/pooler-console.ts';
import { RecoveryServer } from '../../../recovery/recovery-server.ts';
import { restoreBeside, type RestoredBeside } from '../../../recovery/restore-beside.ts';
import { carriedOver } from '../../../recovery/verify.ts';
import { readBackup } from '../../../restore/read-backup.ts';
import { tolerateDifferences } from '../../../restore/tolerance.ts';
import { here } from '../../../snapshot/weigh.ts';
import { describeComparison } from '../../comparison.ts';
import { assertOwnServer } from '../../on-target.ts';
import { readLimits, toolLimits } from '../../limits.ts';
import type { Pooler } from '../../pooler.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';

/** The live server, and what was restored beside its database. */
export interface Recovery {
  server: RecoveryServer;
  restored: Extract<RestoredBeside, { name: string }>;
}

interface Needs {
  served: ServedDatabase;
  taken: TakenBackup;
  /** Lets clients wait while names are exchanged; null where there is none. */
  pooler: Pooler | null;
}

/** Restores with the code of `npm run restore`, and compares with the manifest. */
export const restoreLive: StepBody<Needs, Recovery> = async (drill, { served, taken, pooler }, say) => {
  assertOwnServer(served, 'A rehearsal of an incident');
  const { profile, run } = drill;
  const limits = toolLimits(drill);
  const { name } = profile.database;
  const console = pooler && new PoolerConsole(pooler.console, name);
  const opened = await RecoveryServer.open(name, served.server.admin, served.server, { pooler: console });
  const server = await run.use('connection to restore over', opened);
  const backup = await readBackup(taken.set, run.directory, readLimits(drill));
  const startedAt = performance.now();
  const restored = await restoreBeside(server, {
    ...{ backup, profile, say, limits },
    // Its disk is that of all rehearsals; it is watched where it can be seen.
    mostDiskBytes: Number.POSITIVE_INFINITY,
  });
  const restoreMs = Math.round(performance.now() - startedAt);
  if (restored.verdict === 'refused') return { findings: restored.findings.map(toFinding) };
  // What is carried over is compared when the database is live.
  const reference = { ...here, leftOut: carriedOver };
  const tolerate = tolerateDifferences(profile.tolerate, run.startedAt);
  const comparison = describeComparison(taken.manifest.snapshot, restored.snapshot, profile, reference, tolerate);
  return {
    ...comparison,
    made: { server, restored },
    summary: `into ${restored.name}: ${comparison.summary ?? ''}`,
    facts: { ...comparison.facts, restoredInto: restored.name, restoreMs },
  };
};

function toFinding({ rule, message, remedy }: { rule: string; message: string; remedy: string }): Finding {
  return { rule, severity: 'error', object: 'backup', message, remedy };
}
