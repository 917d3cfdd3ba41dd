import type { Activity } from '../postgres/activity.ts';
import { firstLookMs, watchActivity, whileWatched } from '../postgres/watch-activity.ts';
import { WorkProgress, type WorkSeen } from '../postgres/work-progress.ts';
import { oneLine } from '../terminal/one-line.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { rowsByTable } from '../snapshot/rows-by-table.ts';
import type { DisposableServer } from '../engine/engine.ts';
import type { Say } from './step.ts';

/** Does something in the database of a server, and says how far it has come. See showProgress. */
export async function whileShown<Result>(
  say: Say,
  { server, database }: { server: Pick<DisposableServer, 'admin'>; database: string },
  known: Known,
  work: (progress: ShownProgress) => Promise<Result>,
): Promise<Result> {
  using progress = showProgress(say, known);
  return await whileWatched(watchActivity(server.admin, database, progress.onActivity), () => work(progress));
}

/** What is known beforehand: how many bytes there are in all, and what the database holds. */
interface Known {
  bytes?: number | null;
  /** What those bytes are. */
  source?: string;
  snapshot?: Pick<Snapshot, 'tables'> | null;
}

/** Is told what is seen of the work of a step. */
export interface ShownProgress extends Disposable {
  /** @param total in place of what was known of it beforehand */
  onBytes: (done: number, total?: number | null) => void;
  onActivity: (activity: Activity[]) => void;
  /** What is worked on in words of ours, while nothing else is known. */
  onWork: (what: string) => void;
}

const betweenLinesMs = 1000;

/** Says once a second how far a step has come, from the time on when it has taken some seconds. */
export function showProgress(say: Say, known: Known = {}): ShownProgress {
  const progress = new WorkProgress(known.snapshot ? rowsByTable(known.snapshot) : new Map(), known.source);
  const seen: WorkSeen & { what: string | null } = { bytes: null, activity: [], what: null };
  let said: string | null = null;
  const show = () => {
    const line = progress.describe(seen, performance.now());
    const text = [seen.what, line].filter((part) => part !== null).join(': ');
    if (text === '' || text === said) return;
    said = text;
    say(text);
  };
  let ticking: NodeJS.Timeout | undefined;
  const waiting = setTimeout(() => {
    show();
    ticking = setInterval(show, betweenLinesMs).unref();
  }, firstLookMs).unref();
  return {
    onBytes: (done, total = known.bytes ?? null) => (seen.bytes = { done, total }),
    onActivity: (activity) => (seen.activity = activity),
    onWork: (what) => (seen.what = oneLine(what)),
    [Symbol.dispose]() {
      clearTimeout(waiting);
      clearInterval(ticking);
    },
  };
}
