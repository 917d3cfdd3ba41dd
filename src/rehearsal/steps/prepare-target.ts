import type { Finding } from '../../evidence/schema.ts';
import { createDatabaseLike } from '../../postgres/database-properties.ts';
import { restoreBackupRoles } from '../backup-roles.ts';
import type { StepBody } from '../step.ts';
import { checkEmpty } from './create-target.ts';

/** Creates what a backup is restored into: its roles, where they were kept, and an empty database like the one it was taken from. */
export const prepareTarget: StepBody = async (drill) => {
  const roles = await restoreBackupRoles(drill);
  if (roles.findings?.length) return roles;
  const properties = drill.expected?.state.DATABASE ?? {};
  const obstacle = await createDatabaseLike(drill.need('server').admin, drill.restored, properties);
  const empty = await checkEmpty(drill);
  drill.mark('recreated');
  return {
    ...empty,
    facts: { ...empty.facts, ...roles.facts },
    checks: [...(roles.checks ?? []), ...(empty.checks ?? [])],
    findings: [...(empty.findings ?? []), ...(obstacle === null ? [] : [localeMissing(properties, obstacle)])],
  };
};

function localeMissing(properties: Record<string, string>, obstacle: string): Finding {
  const locale = properties['datlocale'] ?? properties['daticulocale'] ?? properties['datcollate'] ?? 'unknown';
  return {
    rule: 'LOCALE_MISSING',
    severity: 'warning',
    object: locale,
    message: `The server that is restored to has not the locale ${locale} of the source (${obstacle}); the database was created with the locale C instead.`,
    remedy:
      'Rehearse with the image that production runs, or install the locale here: texts sort otherwise without it.',
  };
}
