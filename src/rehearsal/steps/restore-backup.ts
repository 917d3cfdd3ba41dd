import { applyDatabaseSettings, commentOnDatabase } from '../../postgres/database-properties.ts';
import { readDatabaseSettings } from '../../postgres/database-settings.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { snapshotOf } from '../expected.ts';
import type { RestoredDatabase, RestoreSite } from '../restore-site.ts';
import type { StepBody } from '../step.ts';
import type { ExaminedBackup } from './examine.ts';
import { restoreInto } from './restore.ts';

/** Restores a backup, and then gives the database what its manifest says and no dump holds: settings and comment. */
export const restoreBackup: StepBody<{ site: RestoreSite; backup: ExaminedBackup }, RestoredDatabase> = async (
  { stopwatch },
  { site, backup },
  say,
) => {
  const known = {
    source: snapshotOf(backup.expected),
    outline: () => backup.format.outline(backup.dump),
    sizeBytes: backup.dump.seal?.sizeBytes ?? backup.examination.sizeBytes,
  };
  const result = await restoreInto(site, backup.opened, known, say);
  if (result.checks?.some(({ status }) => status === 'failed') === true) return result;
  await complete(site, snapshotOf(backup.expected));
  stopwatch.mark('restored');
  return result;
};

async function complete({ name, served }: RestoreSite, expected: Snapshot | null): Promise<void> {
  const { DATABASE: properties = {}, DATABASE_SETTING: settings = {} } = expected?.state ?? {};
  const { admin } = served.server;
  await applyDatabaseSettings(admin, name, readDatabaseSettings(settings));
  const { comment = '' } = properties;
  if (comment !== '') await commentOnDatabase(admin, name, comment);
}
