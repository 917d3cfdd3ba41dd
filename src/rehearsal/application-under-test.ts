import type { Application } from '../app/application.ts';
import { startApplication } from '../app/start-application.ts';
import { applicationVariables } from '../app/variables.ts';
import type { AppProfile } from '../config/profile.ts';
import type { DisposableServer } from '../engine/engine.ts';
import type { DisposableConnection } from '../postgres/disposable.ts';
import { assertServerInReach } from './server-in-reach.ts';
import type { ServedDatabase } from './served-database.ts';

const shortestSecret = 8;

/** The profile's application on a database of the drill. Its address changes when it is started again. */
export class ApplicationUnderTest {
  readonly app: AppProfile;
  readonly #server: DisposableServer;
  readonly #start: (what: string) => Promise<Application>;
  #current: Application;

  private constructor(
    app: AppProfile,
    server: DisposableServer,
    start: (what: string) => Promise<Application>,
    current: Application,
  ) {
    this.app = app;
    this.#server = server;
    this.#start = start;
    this.#current = current;
  }

  /** Starts it, and does not wait until it is healthy. It ends with the run. Null where the profile has none. */
  static async start(served: ServedDatabase, database: DisposableConnection): Promise<ApplicationUnderTest | null> {
    const { app } = served.drill.profile;
    if (app === undefined) return null;
    const start = async (what: string) => served.drill.run.use(what, await launch(served, database, app));
    return new ApplicationUnderTest(app, served.server, start, await start('application'));
  }

  get current(): Application {
    return this.#current;
  }

  /** Sees to it that its network still leads to the server, before its failure is anybody's fault. */
  assertServerInReach(): Promise<void> {
    return assertServerInReach(this.#server, this.app);
  }

  /** Starts it anew, as a supervisor would. */
  async startAgain(): Promise<void> {
    await this.#current[Symbol.asyncDispose]();
    this.#current = await this.#start('application, started again');
  }
}

async function launch({ drill, server }: ServedDatabase, database: DisposableConnection, app: AppProfile) {
  const { profileDirectory, run } = drill;
  const { host, port } = app.command === undefined ? database : await server.openPort();
  const variables = applicationVariables(app, { ...database, host, port });
  // What the application prints is shown where it fails. Short values are no secrets, and stand in every other word.
  const known: string[] = [database.database, database.user, host];
  const isSecret = (value: string) => value.length >= shortestSecret && !known.includes(value);
  run.secrets.push(...Object.values(variables).filter(isSecret));
  return startApplication(app, {
    database: { ...database, host, port },
    network: server.containerNetwork,
    directory: profileDirectory,
    home: run.directory,
    id: run.id,
    path: run.environment.path,
    signal: run.signal,
  });
}
