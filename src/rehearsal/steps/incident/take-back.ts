import type { TakenBackup } from '../../../backup/take-backup.ts';
import type { Finding } from '../../../evidence/schema.ts';
import { useOwnSearchPath } from '../../../postgres/connection.ts';
import { withDisposable } from '../../../postgres/disposable.ts';
import { rollBack } from '../../../recovery/switch-over.ts';
import { compareTables } from '../../../snapshot/compare-tables.ts';
import { takeSnapshot } from '../../../snapshot/take.ts';
import { toolLimits } from '../../limits.ts';
import { snapshotOptions } from '../../snapshot-options.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';
import type { Traffic } from '../../traffic.ts';
import { countWritten } from './count-left-behind.ts';
import { reportOutage } from './report-outage.ts';
import type { OtherRole } from './let-others-work.ts';
import { objectsCheck } from './objects-check.ts';
import { compareProperties } from './properties.ts';
import type { Recovery } from './restore-live.ts';
import { readRowHashes } from './row-hashes.ts';
import type { AfterSwitch } from './switch-names.ts';

interface Needs {
  served: ServedDatabase;
  taken: TakenBackup;
  lost: string;
  traffic: Traffic;
  recovery: Recovery;
  other: OtherRole;
  switched: AfterSwitch;
}

/** Gives the database that was put aside its name back. */
export const takeBack: StepBody<Needs> = async (drill, needs) => {
  const { served, taken, lost, traffic, recovery, other, switched } = needs;
  const { damaged, liveRows } = switched;
  // Clients take back what they write: this stays.
  await writeOnce(served, drill.profile.writes);
  const startedAt = performance.now();
  const result = await rollBack(recovery.server, new Date());
  if ('done' in result) throw new Error('The rollback found itself done.');
  const outage = await reportOutage(traffic, 'rollback-outage', startedAt);
  const { putAside, since } = result;
  if (putAside === null) throw new Error('The rollback put nothing aside.');
  const limits = toolLimits(drill);
  const now = await readRowHashes({ ...served.asReader, database: putAside }, [...liveRows.keys()]);
  const rows = { before: liveRows, now };
  const { snapshot: restored } = recovery.restored;
  const written = await countWritten(recovery.server, { putAside, since }, { restored, rows }, limits);
  const properties = await compareProperties(recovery.server, 'properties-are-back', other.facts);
  const live = await takeSnapshot(served.asReader, snapshotOptions(served));
  const differing = compareTables(damaged.tables, live.tables).map(({ object }) => object);
  // The profile's writes may have filled it again by then, with other rows.
  const changed = compareTables(taken.manifest.snapshot.tables, live.tables).map(({ object }) => object);
  const wrong = [...differing, ...(changed.includes(lost) ? [] : [lost])];
  return {
    summary: `${outage.summary ?? ''}; the damage is back`,
    facts: { ...outage.facts, ...result.exchanged, putAside, ...written.facts },
    checks: [
      ...(outage.checks ?? []),
      objectsCheck('damage-is-back', 'the content that the database had when it was put aside', wrong),
      ...written.checks,
      ...properties.checks,
    ],
    findings: [
      ...[...(outage.findings ?? []), ...wrong.map(notRolledBack)],
      ...[...written.findings, ...properties.findings],
    ],
    coverage: written.coverage,
  };
};

async function writeOnce({ asOwner }: ServedDatabase, statements: string[]): Promise<void> {
  await withDisposable(asOwner, async (client) => {
    await useOwnSearchPath(client);
    for (const statement of statements) await client.query(statement);
  });
}

function notRolledBack(object: string): Finding {
  return {
    rule: 'ROLLED_BACK_TO_SOMETHING_ELSE',
    severity: 'error',
    object,
    message: `${object} does not hold what it did before the switch.`,
    remedy: 'Do not use --rollback, and report this.',
  };
}
