import { randomUUID } from 'node:crypto';
import { validateProfile, type ExportedProfile } from '../../config/load-profile.ts';
import type { Settings } from '../../config/settings.ts';
import { buildEvidence } from '../../evidence/build.ts';
import { recordEvidence } from '../../evidence/ledger/record.ts';
import type { Outcome } from '../../evidence/outcome.ts';
import { EvidenceReporter, vouchFor, type Reporting } from '../../evidence/reporter.ts';
import type { Evidence } from '../../evidence/schema.ts';
import type { Plan, PlannedDatabase } from '../../fleet/plan.ts';
import { defaultSource } from '../../rehearsal/default-rehearsals.ts';
import { runRehearsals, selectRehearsals } from '../../rehearsal/run-rehearsals.ts';
import { WorkerPool } from '../../rehearsal/runner/pool.ts';
import type { Environment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { redact } from '../../system/redact.ts';
import { openReporting, type ReportingOptions } from '../rehearse/open-reporting.ts';

/** What all databases of a plan are rehearsed with. */
export interface Common {
  plan: Pick<Plan, 'hash'>;
  exported: ExportedProfile;
  settings: Settings & { reports: string };
  options: ReportingOptions;
  /** Of all of them together. */
  reporting: Reporting;
  environment: Environment;
  interrupted: AbortSignal;
}

/** Rehearses one database of a plan. Where that cannot even start, its evidence says why. Resolves with what was written. */
export async function rehearseDatabase(planned: PlannedDatabase, common: Common): Promise<Outcome[]> {
  const startedAt = new Date();
  try {
    return await rehearse(planned, common);
  } catch (error) {
    const problem = {
      code: error instanceof OperationalError ? error.code : 'INTERNAL',
      message: redact(error instanceof Error ? error.message : String(error)),
    };
    return recordAsNotRun(planned, common, startedAt, problem);
  }
}

async function rehearse(planned: PlannedDatabase, common: Common): Promise<Outcome[]> {
  const { exported, options, environment, interrupted } = common;
  const { overrides, rehearsals } = planned;
  await using pool = new WorkerPool();
  const loaded = await validateProfile(exported, overrides);
  // One after the other: it is databases that are rehearsed at the same time.
  const given = { ...common.settings, rehearsals, overrides, all: false, jobs: 1 };
  const settings = { ...given, source: defaultSource({ ...given, rehearsals: [] }, loaded.profile) };
  const files = await selectRehearsals(settings, loaded.profile);
  const own = await openReporting({ ...options, reports: settings.reports }, loaded, environment);
  const reporting = {
    ...own,
    vouchers: common.reporting.vouchers,
    shared: { ...own.shared, plan: planOf(planned, common) },
  };
  const reporter = new EvidenceReporter(reporting, silent, () => Promise.resolve());
  await runRehearsals(files, settings, [reporter], pool, interrupted);
  return reporter.written;
}

/** What is said of each is said when all are over. */
const silent = { print: () => undefined, columns: null };

function planOf({ name }: PlannedDatabase, { plan }: Common): NonNullable<Evidence['plan']> {
  return { hash: plan.hash, database: name };
}

/** Nothing of it may be missing because its profile cannot be used on this machine, say. */
async function recordAsNotRun(
  planned: PlannedDatabase,
  common: Common,
  startedAt: Date,
  error: { code: string; message: string },
): Promise<Outcome[]> {
  const { reports, shared, vouchers } = common.reporting;
  const outcomes: Outcome[] = [];
  for (const rehearsal of planned.rehearsals) {
    const evidence = buildEvidence(
      {
        ...shared,
        about: { ...shared.about, database: planned.name },
        ...{ id: randomUUID(), rehearsal, startedAt, finishedAt: new Date(), plan: planOf(planned, common) },
        ...{ errors: [error], leftBehind: [], undelivered: [] },
      },
      [],
    );
    const sign = (unsigned: Evidence) => vouchFor(unsigned, vouchers);
    const recorded = await recordEvidence(reports, evidence, {}, sign, shared.frequencyMs);
    outcomes.push({ ...recorded, logs: {}, kept: undefined });
  }
  return outcomes;
}
