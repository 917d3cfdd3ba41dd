import { basename } from 'node:path';
import { OperationalError } from '../../system/operational-error.ts';
import { seedDatabase } from '../seed-database.ts';
import type { ServedDatabase } from '../served-database.ts';
import { whileShown } from '../show-progress.ts';
import type { StepBody } from '../step.ts';

/** Fills the database with what the profile starts from. */
export const seedBaseline: StepBody<{ served: ServedDatabase }> = async (drill, { served }, say) => {
  const { seed } = drill.profile;
  if (seed.length === 0) {
    const message =
      'The profile has no "seed": name the SQL files that this rehearsal starts from, or run latest-backup.';
    throw new OperationalError('PROFILE_INVALID', message);
  }
  const where = { server: served.server, database: served.asOwner.database };
  await whileShown(say, where, {}, ({ onWork }) =>
    seedDatabase(served, served.asOwner, (file) => {
      say(basename(file));
      onWork(basename(file));
    }),
  );
  return {
    about: { data: 'seeded' },
    summary: seed.map((file) => basename(file)).join(', '),
    facts: { files: seed.length },
  };
};
