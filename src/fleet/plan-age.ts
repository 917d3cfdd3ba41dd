import prettyMilliseconds from 'pretty-ms';
import { OperationalError } from '../system/operational-error.ts';
import type { Plan } from './plan.ts';

/**
 * Refuses a plan of another night. Its parts are all there, and are merged already: without a look at the time, nobody would hear of a
 * night that never was. Pure.
 * @param name of its file, for people
 * @param withinMs how old it may be; null: as old as it is
 * @throws OperationalError PLAN_TOO_OLD
 */
export function assertPlanWithin(
  { createdAt }: Pick<Plan, 'createdAt'>,
  name: string,
  withinMs: number | null,
  now: Date,
): void {
  const ageMs = now.getTime() - Date.parse(createdAt);
  if (withinMs === null || ageMs <= withinMs) return;
  const message = `The plan ${name} is of ${createdAt}, ${span(ageMs)} ago, and --within allows ${span(withinMs)}: no newer one was written, so nothing was rehearsed since. See why the jobs that rehearse were not started, or ended before they planned.`;
  throw new OperationalError('PLAN_TOO_OLD', message);
}

function span(ms: number): string {
  return prettyMilliseconds(ms, { compact: true });
}
