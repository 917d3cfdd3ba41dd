import { createDatabase, dropDatabase } from '../postgres/database.ts';
import { OperationalError } from '../system/operational-error.ts';
import { ApplicationUnderTest } from './application-under-test.ts';
import { findApplicationError, type ApplicationError } from './application-errors.ts';
import { seedDatabase } from './seed-database.ts';
import type { ServedDatabase } from './served-database.ts';

/**
 * Starts the application on the profile's seed, for a comparison: where it fails there, too, its failure on a restored database says
 * nothing against the backup. Null where it is well, and where there is no such comparison.
 */
export async function failsOnSeed(served: ServedDatabase): Promise<ApplicationError | null> {
  const { app, seed } = served.drill.profile;
  // One that is named by its URL cannot be given another database.
  if (app === undefined || app.url !== undefined || seed.length === 0) return null;
  const { admin } = served.server;
  const control = { ...served.asOwner, database: `${served.drill.profile.database.name} seeded` };
  await createDatabase(admin, control);
  try {
    await seedDatabase(served, control);
    const application = await ApplicationUnderTest.start(served, control);
    if (application === null) return null;
    try {
      return await findApplicationError(served.drill.run, application);
    } finally {
      await application.current[Symbol.asyncDispose]();
    }
  } catch (error) {
    // A seed that cannot be run compares with nothing; what ends the run does so.
    if (error instanceof OperationalError && error.code === 'SEED_FAILED') return null;
    throw error;
  } finally {
    await dropDatabase(admin, control.database);
  }
}
