import * as z from 'zod';
import { firstReason } from '../describe.ts';
import { verdictSchema, type Evidence } from '../schema.ts';

const milliseconds = z.int().nonnegative().nullable();

/** What the history shows of one run. */
export const runSummary = z.strictObject({
  startedAt: z.iso.datetime({ precision: 3 }),
  rehearsal: z.string(),
  /** With the label where there is one; null where the evidence does not say it. */
  database: z.string().nullable(),
  verdict: verdictSchema,
  /** The first thing that speaks against it. */
  reason: z.string().nullable(),
  rto: z.strictObject({ measuredMs: milliseconds, targetMs: milliseconds, met: z.boolean().nullable() }),
  rpo: z.strictObject({ measuredMs: milliseconds, targetMs: milliseconds, met: z.boolean().nullable() }),
  /** How long the restore alone took. */
  restoreMs: milliseconds,
  backupBytes: milliseconds,
});

export type RunSummary = z.output<typeof runSummary>;

/** Pure. */
export function summarizeRun(evidence: Evidence): RunSummary {
  const { startedAt, rehearsal, about, verdict, objectives, subject } = evidence;
  const { rto, rpo } = objectives;
  const label = about?.label ?? null;
  return {
    startedAt,
    rehearsal,
    database: about === null ? null : `${about.database}${label === null ? '' : ` (${label})`}`,
    verdict,
    reason: verdict === 'verified' ? null : firstReason(evidence),
    rto: { measuredMs: rto.measuredMs, targetMs: rto.targetMs, met: rto.met },
    rpo: { measuredMs: rpo.measuredMs, targetMs: rpo.targetMs, met: rpo.met },
    restoreMs: rto.phases['restore'] ?? null,
    backupBytes: subject?.bytes ?? null,
  };
}
