import { stat } from 'node:fs/promises';
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
  const sizes = await sizesOf(seed);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  let [before, next] = [0, 0];
  await whileShown(say, where, { bytes: all, source: 'the seed' }, ({ onWork, onBytes }) =>
    seedDatabase(
      served,
      served.asOwner,
      (file) => {
        before = next;
        next += sizes.shift() ?? 0;
        say(basename(file));
        onWork(basename(file));
      },
      (taken) => {
        onBytes(before + taken);
      },
    ),
  );
  return {
    about: { data: 'seeded' },
    summary: seed.map((file) => basename(file)).join(', '),
    facts: { files: seed.length },
  };
};

/** What is not there is told by whoever runs it. */
async function sizesOf(files: readonly string[]): Promise<number[]> {
  return Promise.all(files.map(async (file) => (await stat(file).catch(() => null))?.size ?? 0));
}
