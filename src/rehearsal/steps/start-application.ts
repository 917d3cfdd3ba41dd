import { ApplicationUnderTest } from '../application-under-test.ts';
import { findApplicationError, notStartedError } from '../application-errors.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { StepBody } from '../step.ts';

/** Starts the application and waits until it is healthy and its probes pass: what fails later is then the restore's doing. */
export const startProfileApplication: StepBody<{ served: ServedDatabase }, ApplicationUnderTest | null> = async (
  { run },
  { served },
  say,
) => {
  const application = await ApplicationUnderTest.start(served, served.asOwner);
  if (application === null) return { made: null, summary: 'the profile has no application' };
  const { health, probes } = application.app;
  say(`waiting for ${health.path}`);
  const error = await findApplicationError(run, application);
  if (error !== null) throw notStartedError(error);
  return {
    made: application,
    summary: `${health.path} and ${probes.length} further probe${probes.length === 1 ? '' : 's'} pass`,
    facts: { application: application.current.description },
    environment: {
      isolation: { server: served.server.isolation, application: application.current.isolation },
    },
  };
};
