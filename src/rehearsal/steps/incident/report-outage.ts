import prettyMilliseconds from 'pretty-ms';
import type { Contribution } from '../../../evidence/contribution.ts';
import type { Finding } from '../../../evidence/schema.ts';
import type { Traffic } from '../../traffic.ts';

/** How long requests may fail while names are exchanged. */
const longestOutageMs = 2000;

/** Says how long clients got no good answer since a moment on the monotonic clock. */
export async function reportOutage(
  traffic: Traffic,
  id: 'switch-outage' | 'rollback-outage',
  startedAt: number,
): Promise<Contribution> {
  const { client, outageMs, usualMs } = await traffic.outage(startedAt);
  const [outage, limit] = [outageMs, longestOutageMs].map((ms) => prettyMilliseconds(ms)) as [string, string];
  const passed = outageMs < longestOutageMs;
  const actual = `${outage} (${client}, which usually waits ${prettyMilliseconds(usualMs)})`;
  return {
    summary: `requests failed for ${outage}`,
    facts: { outageMs, outageOf: client, usualMs },
    checks: [{ id, status: passed ? 'passed' : 'failed', reason: null, expected: `less than ${limit}`, actual }],
    findings: passed ? [] : [outageFinding(actual, limit)],
  };
}

function outageFinding(actual: string, limit: string): Finding {
  return {
    rule: 'OUTAGE_TOO_LONG',
    severity: 'error',
    object: 'switch',
    message: `While names were exchanged, there was no good answer for ${actual}; expected less than ${limit}.`,
    remedy: 'See how soon the application connects again when its connections break.',
  };
}
