import type { Evidence } from '../schema.ts';

/** What metrics are made of. */
export interface Measured {
  evidence: Evidence;
  /** When the same was last verified, in seconds since 1970; 0 for never. */
  lastSuccess: number;
  /** How often it has to be rehearsed; null where nothing says it. */
  frequencyMs: number | null;
}

/** A value, with the labels that it has besides those of its rehearsal. null is not written. */
export interface Reading {
  value: number | null;
  labels?: Record<string, string>;
}

interface Metric {
  help: string;
  read: (measured: Measured) => Reading[];
}

const prefix = 'restore_rehearsal_';

/** Every metric, a gauge each. Names as Prometheus wants them: base units, and the unit last. */
export const metrics = {
  [`${prefix}last_run_timestamp_seconds`]: one('When the last rehearsal ended, whatever came of it.', ({ evidence }) =>
    seconds(Date.parse(evidence.finishedAt)),
  ),
  [`${prefix}last_success_timestamp_seconds`]: one(
    'When the last rehearsal ended that was verified; 0 for never.',
    ({ lastSuccess }) => lastSuccess,
  ),
  [`${prefix}frequency_seconds`]: one('How often the profile wants it rehearsed.', ({ frequencyMs }) =>
    seconds(frequencyMs),
  ),
  [`${prefix}verdict`]: {
    help: 'The verdict of the last rehearsal: 1 for the one that it is, 0 for the others.',
    read: ({ evidence }) =>
      (['verified', 'not-verified', 'could-not-run'] as const).map((verdict) => ({
        labels: { verdict },
        value: evidence.verdict === verdict ? 1 : 0,
      })),
  },
  [`${prefix}findings`]: {
    help: 'Findings of the last rehearsal, by severity.',
    read: ({ evidence }) =>
      (['error', 'warning'] as const).map((severity) => ({
        labels: { severity },
        value: evidence.findings.filter((finding) => finding.severity === severity).length,
      })),
  },
  [`${prefix}duration_seconds`]: one('How long the last rehearsal took.', ({ evidence }) =>
    seconds(Date.parse(evidence.finishedAt) - Date.parse(evidence.startedAt)),
  ),
  [`${prefix}rto_seconds`]: one('From the loss of the database until the application answered again.', ({ evidence }) =>
    seconds(evidence.objectives.rto.measuredMs),
  ),
  [`${prefix}rto_target_seconds`]: one('What that may take at most.', ({ evidence }) =>
    seconds(evidence.objectives.rto.targetMs),
  ),
  [`${prefix}rpo_seconds`]: one('How old the newest restored data was when the rehearsal began.', ({ evidence }) =>
    seconds(evidence.objectives.rpo.measuredMs),
  ),
  [`${prefix}rpo_target_seconds`]: one('How old that may be at most.', ({ evidence: { objectives } }) =>
    // What is seeded has no age that could be too great.
    objectives.rpo.notApplicable === null ? seconds(objectives.rpo.targetMs) : null,
  ),
  [`${prefix}backup_timestamp_seconds`]: one('When the backup was taken that was rehearsed.', ({ evidence }) =>
    seconds(evidence.subject === null ? null : Date.parse(evidence.subject.takenAt)),
  ),
  [`${prefix}backup_bytes`]: one('Size of the backup.', ({ evidence }) => evidence.subject?.bytes ?? null),
  [`${prefix}restored_rows`]: one('Rows in all tables of the restored database.', ({ evidence: { counts } }) => {
    const restored = Object.values(counts).flatMap(({ after }) => (after === null ? [] : [after]));
    return restored.length === 0 ? null : restored.reduce((sum, rows) => sum + rows, 0);
  }),
} satisfies Record<string, Metric>;

function one(help: string, read: (measured: Measured) => number | null): Metric {
  return { help, read: (measured) => [{ value: read(measured) }] };
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
