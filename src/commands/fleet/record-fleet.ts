import { randomUUID } from 'node:crypto';
import { buildEvidence } from '../../evidence/build.ts';
import { forgetUndelivered, readUndelivered } from '../../evidence/delivery/undelivered.ts';
import { fleetName } from '../../evidence/fleet.ts';
import { recordEvidence } from '../../evidence/ledger/record.ts';
import type { Outcome } from '../../evidence/outcome.ts';
import { vouchFor, type Reporting } from '../../evidence/reporter.ts';
import type { Evidence } from '../../evidence/schema.ts';
import { buildFleet } from '../../fleet/build-fleet.ts';
import type { Concluded } from '../../fleet/conclude.ts';
import type { Plan } from '../../fleet/plan.ts';

/**
 * Writes the evidence of all databases of a plan together, where it says anything that is not written yet.
 * @param before evidence of the same plan, the newest last
 * @returns null where the newest one says the same
 * @throws OperationalError EVIDENCE_NOT_WRITTEN
 */
export async function recordFleet(
  plan: Plan,
  concluded: readonly Concluded[],
  before: readonly Evidence[],
  { reports, shared, vouchers }: Reporting,
): Promise<Outcome | null> {
  const undelivered = await readUndelivered(reports);
  const times = concluded.flatMap(({ runs }) => runs.map(({ evidence }) => evidence));
  const startedAt = times.map((each) => each.startedAt).toSorted()[0] ?? plan.createdAt;
  const finishedAt =
    times
      .map((each) => each.finishedAt)
      .toSorted()
      .at(-1) ?? plan.createdAt;
  const facts = {
    id: randomUUID(),
    rehearsal: fleetName,
    startedAt: new Date(startedAt),
    finishedAt: new Date(finishedAt),
    errors: [],
    leftBehind: [],
    plan: { hash: plan.hash, database: null },
  };
  const evidence = buildEvidence(
    { ...shared, about: { ...shared.about, database: plan.profile }, ...facts, undelivered },
    buildFleet(concluded, plan.leftOut),
  );
  const last = before.at(-1);
  if (last !== undefined && saysTheSame(last, evidence)) return null;
  const sign = (unsigned: Evidence) => vouchFor(unsigned, vouchers);
  const recorded = await recordEvidence(reports, evidence, {}, sign, shared.frequencyMs);
  await forgetUndelivered(reports, undelivered);
  return { ...recorded, logs: {}, kept: undefined };
}

/** Of every database the same verdict from the same evidence. */
function saysTheSame(one: Evidence, other: Evidence): boolean {
  const said = ({ verdict, steps, checks, coverage }: Evidence) => JSON.stringify([verdict, steps, checks, coverage]);
  return said(one) === said(other);
}
