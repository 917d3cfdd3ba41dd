import type { Profile } from '../../config/profile.ts';
import { readAddress } from '../../evidence/delivery/address.ts';
import type { Destinations } from '../../evidence/sinks/sink.ts';
import type { Environment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';

/**
 * Whom to tell of a run, by profile, flag and environment. What cannot be used is an error before the first step.
 * @param metrics of the flag
 * @throws OperationalError BAD_USAGE
 */
export function findDestinations(
  evidence: Pick<Profile['evidence'], 'metrics' | 'webhook' | 'heartbeat' | 'frequency'>,
  metrics: string | null,
  { webhook, heartbeat, stepSummary }: Environment['telling'],
): Destinations {
  const file = metrics ?? evidence.metrics ?? null;
  if (file?.endsWith('.prom') === false) {
    const message = `--metrics takes a file whose name ends in .prom, which node_exporter looks for, not "${file}".`;
    throw new OperationalError('BAD_USAGE', message);
  }
  return {
    stepSummary,
    metrics: file === null ? null : { file, frequencyMs: evidence.frequency ?? null },
    webhook: findWebhook(webhook, evidence.webhook),
    heartbeat: addressOf(heartbeat, 'REHEARSAL_HEARTBEAT', evidence.heartbeat),
  };
}

/** @throws OperationalError BAD_USAGE */
export function findWebhook(variable: string | null, ofProfile: string | undefined): URL | null {
  return addressOf(variable, 'REHEARSAL_WEBHOOK', ofProfile);
}

/** The variable wins over the profile, which has checked its own. */
function addressOf(text: string | null, variable: string, ofProfile: string | undefined): URL | null {
  if (text !== null) return readAddress(text, variable);
  return ofProfile === undefined ? null : new URL(ofProfile);
}
