import { ProgressLine } from '../terminal/progress-line.ts';

/** For work that shows how far it has come. */
export interface Progress<State> {
  report: (state: State) => void;
  /** Makes room for what is to stay on the screen. What was reported before is of the past. */
  clear: () => void;
}

/**
 * Shows what the work reports while it lasts.
 * @param describe what to show of the latest report, or before the first; null shows nothing
 */
export async function withProgress<State, Result>(
  describe: (latest: State | null, elapsedMs: number) => string | null,
  work: (progress: Progress<State>) => Promise<Result>,
): Promise<Result> {
  let latest: State | null = null;
  let startedAt = performance.now();
  using line = new ProgressLine(process.stdout, () => describe(latest, performance.now() - startedAt));
  return await work({
    report: (state) => (latest = state),
    clear: () => {
      line.clear();
      latest = null;
      startedAt = performance.now();
    },
  });
}
