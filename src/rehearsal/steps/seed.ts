import { basename } from 'node:path';
import { createExtensions } from '../../postgres/extensions.ts';
import { runSqlFile } from '../../postgres/seed.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { toolLimits } from '../limits.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { StepBody } from '../step.ts';

/**
 * Runs the profile's SQL files in order, as the role that owns the database. The extensions that the profile allows are
 * there by then.
 */
export const seedBaseline: StepBody<{ served: ServedDatabase }> = async (drill, { served }, say) => {
  const { seed, extensions } = drill.profile;
  if (seed.length === 0) {
    const message =
      'The profile has no "seed": name the SQL files that this rehearsal starts from, or run latest-backup.';
    throw new OperationalError('PROFILE_INVALID', message);
  }
  const wanted = extensions.map((name) => ({ name, schema: null, version: null }));
  await createExtensions(served.asAdmin, wanted, drill.profile.database.owner);
  for (const file of seed) {
    say(basename(file));
    await runSqlFile(served.server, served.asOwner, file, toolLimits(drill));
  }
  return { summary: seed.map((file) => basename(file)).join(', '), facts: { files: seed.length } };
};
