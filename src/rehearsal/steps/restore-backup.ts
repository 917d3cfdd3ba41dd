import { applyDatabaseSettings, commentOnDatabase } from '../../postgres/database-properties.ts';
import { readDatabaseSettings } from '../../postgres/database-settings.ts';
import type { Drill } from '../drill.ts';
import type { StepBody } from '../step.ts';
import { restore } from './restore.ts';

/** Restores the chosen backup, and then gives the database what its manifest tells and no dump holds: settings and comment. */
export const restoreBackup: StepBody = async (drill, say) => {
  const contribution = await restore(drill, say);
  await complete(drill);
  drill.mark('restored');
  return contribution;
};

async function complete({ expected, restoredName, server }: Drill): Promise<void> {
  if (expected === null || server === null) return;
  const { DATABASE: properties = {}, DATABASE_SETTING: settings = {} } = expected.state;
  await applyDatabaseSettings(server.admin, restoredName, readDatabaseSettings(settings));
  const { comment = '' } = properties;
  if (comment !== '') await commentOnDatabase(server.admin, restoredName, comment);
}
