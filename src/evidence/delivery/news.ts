import { findRunBefore } from '../ledger/run-before.ts';
import type { Outcome } from '../outcome.ts';
import type { Verdict } from '../schema.ts';
import type { FinishedRun } from '../sinks/sink.ts';

/** What of a run somebody has to hear of: what is not verified, and what is again. */
export interface News {
  outcome: Outcome;
  /** The verdict of the run before, where that is what makes this one news. */
  before: Verdict | null;
}

/** Bad news is always news; good news is after bad news only. */
export async function newsOf({ reports, outcomes }: Pick<FinishedRun, 'reports' | 'outcomes'>): Promise<News[]> {
  const news: News[] = [];
  for (const outcome of outcomes) {
    const { id, rehearsal, about, verdict } = outcome.evidence;
    if (verdict !== 'verified') {
      news.push({ outcome, before: null });
      continue;
    }
    const before = await findRunBefore(reports, { id, rehearsal, database: about?.database ?? null });
    if (before !== null && before.verdict !== 'verified') news.push({ outcome, before: before.verdict });
  }
  return news;
}
