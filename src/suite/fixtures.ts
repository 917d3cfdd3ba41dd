import { resolve } from 'node:path';
import { loadProfile } from '../config/load-profile.ts';
import type { ApplicationUnderTest } from '../rehearsal/application-under-test.ts';
import { Drill } from '../rehearsal/drill.ts';
import type { RestoredDatabase } from '../rehearsal/restore-site.ts';
import { Run } from '../rehearsal/run.ts';
import type { ServedDatabase } from '../rehearsal/served-database.ts';
import { checkOnRestored } from '../rehearsal/steps/check-application.ts';
import { examineChosen } from '../rehearsal/steps/examine.ts';
import { prepareTarget } from '../rehearsal/steps/prepare-target.ts';
import { restoreBackup } from '../rehearsal/steps/restore-backup.ts';
import { seedBaseline } from '../rehearsal/steps/seed.ts';
import { selectBackup } from '../rehearsal/steps/select-backup.ts';
import { startServerForBackup } from '../rehearsal/steps/server/start-for-backup.ts';
import { startSeedServer } from '../rehearsal/steps/server/start-for-seed.ts';
import { makeWith } from './step-of-suite.ts';

/** What a test asks for, and `profile` and `backup`, which say what it is about. */
export interface RehearsalFixtures {
  /** Path of the profile. */
  profile: string;
  /** Path of a dump, in place of the newest backup in the profile's directory. */
  backup: string | null;
  /** A disposable PostgreSQL with the profile's database, seeded as the profile says. */
  server: ServedDatabase;
  /** The backup, restored into a disposable PostgreSQL of its own. */
  restoredDatabase: RestoredDatabase;
  /** The profile's application on the restored database, healthy. */
  application: ApplicationUnderTest;
}

type Choice = Pick<RehearsalFixtures, 'profile' | 'backup'>;
type Use<Value> = (value: Value) => Promise<void>;

/** For `test.extend` of Vitest, whatever its version is. What was started for a test goes with it. */
export const fixtures = {
  profile: 'rehearsal.config.ts',
  backup: null,

  server: async ({ profile, backup }: Choice, use: Use<ServedDatabase>) => {
    await withDrill({ profile, backup }, async (drill) => {
      const served = await makeWith(drill, startSeedServer, {});
      await makeWith(drill, seedBaseline, { served });
      await use(served);
    });
  },

  restoredDatabase: async ({ profile, backup }: Choice, use: Use<RestoredDatabase>) => {
    await withDrill({ profile, backup }, async (drill) => {
      await use(await restoreNewest(drill));
    });
  },

  application: async (
    { restoredDatabase }: Pick<RehearsalFixtures, 'restoredDatabase'>,
    use: Use<ApplicationUnderTest>,
  ) => {
    const { drill } = restoredDatabase.served;
    const application = await makeWith(drill, checkOnRestored, { restored: restoredDatabase });
    if (application === null) throw new Error('The profile has no application: name one under "app".');
    await use(application);
  },
};

async function restoreNewest(drill: Drill): Promise<RestoredDatabase> {
  const backup = await makeWith(drill, selectBackup, {});
  const served = await makeWith(drill, startServerForBackup, { backup });
  const examined = await makeWith(drill, examineChosen, { served, backup });
  const site = await makeWith(drill, prepareTarget, { served, backup: examined });
  return makeWith(drill, restoreBackup, { site, backup: examined });
}

async function withDrill({ profile, backup }: Choice, use: (drill: Drill) => Promise<void>): Promise<void> {
  const loaded = await loadProfile(profile);
  const run = await Run.create();
  let left: string[] = [];
  try {
    await use(new Drill(run, loaded, { backup: backup === null ? null : resolve(backup) }));
  } finally {
    left = await run.dispose();
  }
  if (left.length > 0) throw new Error(`This could not be removed: ${left.join('; ')}`);
}
