import { startedAt } from './ledger/started-at.ts';
import type { RunLine } from './ledger/line.ts';

/** From one moment on, up to another, which is not in it any more. */
export interface Period {
  from: Date;
  to: Date;
}

/** Whether a run started in it. Pure. */
export function isWithin(line: RunLine, { from, to }: Period): boolean {
  const start = startedAt(line).getTime();
  return start >= from.getTime() && start < to.getTime();
}

/** `2026-01-01T00:00:00.000Z to 2026-04-01T00:00:00.000Z`. Pure. */
export function describePeriod({ from, to }: Period): string {
  return `${from.toISOString()} to ${to.toISOString()}`;
}
