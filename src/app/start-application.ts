import type { AppProfile } from '../config/profile.ts';
import type { Application, ApplicationContext } from './application.ts';
import { startCommandApplication } from './command.ts';

/**
 * Starts the application, or takes the one that is up. Does not wait until it is healthy.
 * @throws OperationalError APPLICATION_NOT_STARTED with the reason
 */
export async function startApplication(app: AppProfile, context: ApplicationContext): Promise<Application> {
  if (app.command !== undefined) return startCommandApplication(app.command, app, context);
  if (app.image !== undefined) {
    const { startAppContainer } = await import('./container.ts');
    return startAppContainer(app.image, app, context);
  }
  return useUrl(app.url ?? '');
}

function useUrl(url: string): Application {
  return {
    baseUrl: url.replace(/\/+$/, ''),
    description: `already up at ${new URL(url).origin}; not started by the rehearsal`,
    isolation: 'not started by the rehearsal',
    readExit: () => Promise.resolve(null),
    readLastLines: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
