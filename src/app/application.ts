import type { ContainerNetwork } from '../engine/engine.ts';
import type { Connection } from '../postgres/connection.ts';

/** A running application, however it was started. */
export interface Application extends AsyncDisposable {
  /** Where it is reached from here, without a path. */
  readonly baseUrl: string;
  /** One sentence for the evidence: how it was started. */
  readonly description: string;
  /** One sentence for the evidence: what keeps it from acting on the world. */
  readonly isolation: string;
  /** How it ended, in words, with its last lines; null while it runs or where that is not ours to know. */
  readExit(): Promise<string | null>;
  /** What it has printed last, while it runs; empty where it printed nothing, or where that is not ours to know. */
  readLastLines(): Promise<string[]>;
}

export interface ApplicationContext {
  /** The database as programs of this machine reach it by TCP, with the role that owns it. */
  database: Connection;
  /** The same for containers; null where the server is out of their reach. */
  network: ContainerNetwork | null;
  /** Directory that relative paths in the profile start from. */
  directory: string;
  /** Private directory of the rehearsal, the application's home. */
  home: string;
  /** Name of the rehearsal's resources. */
  id: string;
  path: string;
  signal: AbortSignal;
}
