import type { Period } from '../../evidence/period.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { parseMoment } from '../../terminal/parse-moment.ts';
import { flagName } from '../../terminal/suggest.ts';
import type { Flag } from '../flags.ts';

const dayMs = 24 * 3_600_000;

/** From which day on, up to which. */
export const periodFlags = {
  from: edge('runs that started on this day (UTC) or later; or a time: 2026-01-01T00:00:00Z', 0),
  // An auditor's "to 31 March" has that day in it.
  to: edge('runs that started on this day (UTC) or earlier; or before a time', dayMs),
};

/**
 * The period that two flags name.
 * @throws OperationalError BAD_USAGE where one is missing, or they are in the wrong order
 */
export function readPeriod({ from, to }: { from: Date | null; to: Date | null }): Period {
  if (from === null || to === null) {
    throw new OperationalError('BAD_USAGE', 'Name the period: --from 2026-01-01 --to 2026-03-31');
  }
  if (from.getTime() < to.getTime()) return { from, to };
  throw new OperationalError(
    'BAD_USAGE',
    `--from (${from.toISOString()}) has to be before --to (${to.toISOString()}).`,
  );
}

function edge(help: string, afterDayMs: number): Flag<Date | null> {
  const read = (given: string | null, key: string) => {
    if (given === null) return null;
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(given);
    const moment = parseMoment(isDay ? `${given}T00:00Z` : given);
    if (moment !== null) return new Date(moment.getTime() + (isDay ? afterDayMs : 0));
    const message = `${flagName(key)} takes a day like 2026-01-31, or a time like 2026-01-31T12:00:00Z, not "${given}".`;
    throw new OperationalError('BAD_USAGE', message);
  };
  return { value: 'DATE', help, onlyTyped: true, read };
}
