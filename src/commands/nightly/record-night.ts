import { randomUUID } from 'node:crypto';
import { buildEvidence } from '../../evidence/build.ts';
import { forgetUndelivered, readUndelivered } from '../../evidence/delivery/undelivered.ts';
import { recordEvidence } from '../../evidence/ledger/record.ts';
import { nightName } from '../../evidence/night.ts';
import type { Outcome } from '../../evidence/outcome.ts';
import { vouchFor, type Reporting } from '../../evidence/reporter.ts';
import { buildNight } from './build-night.ts';
import type { Night } from './stage.ts';

/**
 * Writes the evidence of the night itself, so that a night whose backup was not taken has a line in the ledger, too.
 * @throws OperationalError EVIDENCE_NOT_WRITTEN
 */
export async function recordNight(
  { results, outcomes }: Pick<Night, 'results' | 'outcomes'>,
  { reports, shared, vouchers }: Reporting,
  startedAt: Date,
): Promise<Outcome> {
  // The evidence of the first rehearsal says it, where there is one.
  const undelivered = outcomes.length === 0 ? await readUndelivered(reports) : [];
  const facts = {
    id: randomUUID(),
    rehearsal: nightName,
    startedAt,
    finishedAt: new Date(),
    errors: [],
    leftBehind: [],
  };
  const evidence = buildEvidence({ ...shared, ...facts, undelivered }, buildNight(results));
  const sign = (unsigned: typeof evidence) => vouchFor(unsigned, vouchers);
  const recorded = await recordEvidence(reports, evidence, {}, sign, shared.frequencyMs);
  await forgetUndelivered(reports, undelivered);
  return { ...recorded, logs: {}, kept: undefined };
}
