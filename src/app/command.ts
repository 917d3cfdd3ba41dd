import type { AppProfile } from '../config/profile.ts';
import { findFreePort } from '../system/free-port.ts';
import { markerVariable } from '../system/marked.ts';
import { startService } from '../system/service.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Application, ApplicationContext } from './application.ts';
import { applicationVariables } from './variables.ts';

const graceMs = 5000;

/**
 * Starts the application as a program of this machine. Its environment is PATH, PORT, a private HOME and what the
 * profile gives it: credentials of the account that runs the rehearsal stay out of its reach there.
 */
export async function startCommandApplication(
  [file, ...args]: [string, ...string[]],
  app: AppProfile,
  context: ApplicationContext,
): Promise<Application> {
  const port = await findFreePort();
  const chosen = applicationVariables(app, context.database);
  const service = startProgram(
    file,
    args,
    {
      PATH: context.path,
      HOME: context.home,
      PORT: String(port),
      ...chosen,
      // Whose it is, should the harness be killed: HOME says it, unless the profile chooses another.
      ...(chosen['HOME'] !== undefined && { [markerVariable]: context.home }),
    },
    context,
  );
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    description: `command ${file}, on a free port given as PORT`,
    isolation: 'an environment of its own; the network of this machine',
    readExit: () => {
      const exit = service.exit();
      if (exit === null) return Promise.resolve(null);
      const how = exit.signal === null ? `with status ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
      return Promise.resolve(describeExit(how, service.lastLines(shownLines)));
    },
    readLastLines: () => Promise.resolve(service.lastLines(shownLines)),
    [Symbol.asyncDispose]: () => service.stop('SIGTERM', graceMs),
  };
}

/** Of what an application printed, the end. */
export const shownLines = 20;

/** Says how an application ended, with its last lines, and what a taken port means. Pure. */
export function describeExit(how: string, lastLines: string[]): string {
  const output = lastLines.join('\n').trim();
  const hint = /EADDRINUSE|address already in use/i.test(output)
    ? '\nThe port it wants is taken: it has to listen on the one given as PORT, or the other program has to go.'
    : '';
  return `it ended ${how}. ${output === '' ? 'It printed nothing.' : `Its last lines:\n${output}`}${hint}`;
}

function startProgram(file: string, args: string[], env: Record<string, string>, { directory }: ApplicationContext) {
  try {
    return startService({ file, args, env, cwd: directory, localDirectory: directory });
  } catch (error) {
    const message = `The application could not be started: there is no program "${file}" on PATH or in node_modules/.bin near the profile.`;
    throw new OperationalError('APPLICATION_NOT_STARTED', message, { cause: error });
  }
}
