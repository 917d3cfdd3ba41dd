import type { Finding } from '../../evidence/schema.ts';
import { howToGetLocale } from '../../postgres/packages.ts';
import { createDatabaseLike, readLocaleOptions } from '../../postgres/database-properties.ts';
import { applyServerSettings } from '../../postgres/server-settings.ts';
import { assertMoneyIsRead, describeRefused } from '../refused-settings.ts';
import { restoreBackupRoles } from '../backup-roles.ts';
import { readNamedGlobals } from '../named-globals.ts';
import { snapshotOf } from '../expected.ts';
import { RestoreSite } from '../restore-site.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { StepBody, StepResult } from '../step.ts';
import { checkEmpty } from './create-target.ts';
import type { ExaminedBackup } from './examine.ts';

interface Needs {
  served: ServedDatabase;
  backup: ExaminedBackup;
}

/** Creates what a backup is restored into: its roles, where they were kept, and an empty database like the one it was taken from. */
export const prepareTarget: StepBody<Needs, RestoreSite> = (_drill, needs) => prepareSite(needs);

/** The same under another name than the profile's. */
export async function prepareSite({ served, backup }: Needs, name?: string): Promise<StepResult<RestoreSite>> {
  const globals = (await readNamedGlobals(served.drill)) ?? backup.examination.globals;
  const roles = await restoreBackupRoles(served, globals);
  if (roles.findings?.length) return roles;
  const properties = snapshotOf(backup.expected)?.state.DATABASE ?? (await propertiesByDump(served, backup));
  const refused = await applyServerSettings(served.server.admin, backup.examination.manifest?.serverSettings ?? {});
  assertMoneyIsRead(refused, snapshotOf(backup.expected));
  const site = new RestoreSite(served, name);
  const obstacle = await createDatabaseLike(served.server.admin, site.asOwner, properties);
  const empty = await checkEmpty(site);
  served.drill.stopwatch.mark('recreated');
  return {
    made: site,
    ...empty,
    facts: { ...empty.facts, ...roles.facts },
    ...(roles.coverage && { coverage: roles.coverage }),
    checks: [...(roles.checks ?? []), ...(empty.checks ?? [])],
    findings: [
      ...(empty.findings ?? []),
      ...(obstacle === null ? [] : [localeMissing(properties, obstacle)]),
      ...describeRefused(refused),
    ],
  };
}

/** What the dump says of the database that it was taken from: archives do, and plain SQL of `pg_dump --create`. */
async function propertiesByDump(
  { server }: ServedDatabase,
  { opened, format, dump }: ExaminedBackup,
): Promise<Record<string, string>> {
  const { encoding } = await opened.readNeeds();
  // Bytes of any encoding are only taken by a database without one; any other converts what it is given.
  if (encoding === 'SQL_ASCII') return { encoding: sqlAscii };
  const outline = await format.outline(dump);
  return readLocaleOptions(server.admin, outline?.databaseOptions ?? {});
}

/** In pg_database.encoding. */
const sqlAscii = '0';

function localeMissing(properties: Record<string, string>, obstacle: string): Finding {
  // Those that another provider would take are empty.
  const locale = properties['datlocale'] || properties['daticulocale'] || properties['datcollate'] || 'unknown';
  return {
    rule: 'LOCALE_MISSING',
    severity: 'warning',
    object: locale,
    message: `The server that is restored to has not the locale ${locale} of the source (${obstacle}); the database was created with the locale C instead, and texts sort otherwise.`,
    remedy: howToGetLocale(locale),
  };
}
