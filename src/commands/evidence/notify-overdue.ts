import { postText } from '../../evidence/delivery/post-text.ts';
import { keepUndelivered } from '../../evidence/delivery/undelivered.ts';
import { overdueText, type Overdue } from '../../evidence/delivery/webhook-text.ts';
import { span } from '../../evidence/cadence.ts';
import type { DrillStatus } from '../../evidence/ledger/drills.ts';
import { printable } from '../../terminal/printable.ts';

/** Tells a webhook which drills are overdue, if any are. What cannot be delivered is said, and is a finding of the next run. */
export async function notifyOverdue(reports: string, drills: DrillStatus[], webhook: URL): Promise<void> {
  const overdue = drills.filter((drill) => drill.overdue).map(describe);
  if (overdue.length === 0) return;
  try {
    await postText(webhook, overdueText(overdue));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(`\n  NOT_DELIVERED  webhook: ${printable(message)}`);
    await keepUndelivered(reports, [{ what: 'webhook', message }]);
  }
}

function describe({ database, rehearsal, lastRun, state }: DrillStatus): Overdue {
  const about = { rehearsal, database: database ?? 'a database without a name', label: null };
  if (lastRun === null) return { ...about, since: 'has never run' };
  return { ...about, since: `last ran ${span(lastRun.agoMs)} ago, at ${lastRun.startedAt}: ${state}` };
}
