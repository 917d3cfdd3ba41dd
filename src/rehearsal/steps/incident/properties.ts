import { compareFacts } from '../../../recovery/carry-over.ts';
import type { DatabaseFacts } from '../../../recovery/database-facts.ts';
import type { RecoveryServer } from '../../../recovery/recovery-server.ts';
import type { Check, Finding } from '../../../evidence/schema.ts';
import { objectsCheck } from './objects-check.ts';

/** Compares what belongs to the live database, and is in no dump of it, with what belonged to it before the incident. */
export async function compareProperties(
  server: RecoveryServer,
  id: 'properties-kept' | 'properties-are-back',
  before: DatabaseFacts,
): Promise<{ checks: Check[]; findings: Finding[] }> {
  const now = await server.readFacts(server.live);
  const differing = now === null ? ['the database'] : [...compareFacts(before, now), ...compareOptions(before, now)];
  return {
    checks: [objectsCheck(id, propertiesCompared, differing)],
    findings: differing.map((property) => ({
      rule: 'DATABASE_PROPERTY_CHANGED',
      severity: 'error',
      object: server.live,
      message: `The ${property} of the live database is not what it was before the switch.`,
      remedy: 'Do not use --switch with this server, and report this.',
    })),
  };
}

/** What is compared, for the evidence. */
export const propertiesCompared =
  'owner, comment, connection limit, ALLOW_CONNECTIONS, IS_TEMPLATE, tablespace, grants and settings of the live database as before';

function compareOptions(before: DatabaseFacts, now: DatabaseFacts): string[] {
  const pairs = { comment: 'comment', allowConnections: 'ALLOW_CONNECTIONS', isTemplate: 'IS_TEMPLATE' } as const;
  return (Object.keys(pairs) as (keyof typeof pairs)[])
    .filter((key) => before[key] !== now[key])
    .map((key) => pairs[key]);
}
