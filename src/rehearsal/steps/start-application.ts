import { findApplicationError, launch, notStartedError } from '../applications.ts';
import type { StepBody } from '../step.ts';

/** Starts the application and waits until it is healthy and its probes pass: what fails later is then the restore's doing. */
export const startProfileApplication: StepBody = async (drill, say) => {
  const { app } = drill.profile;
  if (app === undefined) return { summary: 'the profile has no application' };
  drill.application = await drill.use('application', await launch(drill, app));
  say(`waiting for ${app.health.path}`);
  const problem = await findApplicationError(drill, drill.application, app);
  if (problem !== null) throw notStartedError(problem);
  return {
    summary: `${app.health.path} and ${app.probes.length} further probe${app.probes.length === 1 ? '' : 's'} pass`,
    facts: { application: drill.application.description },
    environment: {
      isolation: { server: drill.need('server').isolation, application: drill.application.isolation },
    },
  };
};
