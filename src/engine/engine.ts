import type { EngineName } from '../config/profile.ts';
import type { Connection } from '../postgres/connection.ts';
import type { ToolRunner } from '../postgres/tool.ts';
import type { Sweep } from './leftovers.ts';

/** Somebody who can provide a disposable server here, and why it was chosen. */
export interface Engine {
  readonly name: EngineName;
  /** One sentence for a person: what will run and why. */
  readonly reason: string;
  start(options: StartOptions): Promise<DisposableServer>;
  /** Removes what killed rehearsals left where this engine's servers run, this machine aside. Never throws. */
  removeLeftovers?(): Promise<Sweep>;
}

export interface StartOptions {
  /** Name of this rehearsal's resources. No other rehearsal has the same. */
  id: string;
  /** Private directory of this rehearsal. The server may keep files in it. */
  directory: string;
  /** Superuser of the new server. */
  admin: { user: string; password: string };
  /** Whether an application in a container has to reach the server. */
  forContainers: boolean;
  /** Leave the server running when it is disposed of. */
  keep: boolean;
  signal: AbortSignal;
}

/** A PostgreSQL server that this process started and that goes away when it is disposed of. */
export interface DisposableServer extends ToolRunner, AsyncDisposable {
  readonly engine: EngineName;
  /** As the server says it, for example `17.5`. */
  readonly serverVersion: string;
  /** The superuser's connection to the database `postgres`. */
  readonly admin: Connection;
  readonly image: string | null;
  readonly imageDigest: string | null;
  /** Versions of the client programs in use. */
  readonly tools: Record<string, string>;
  /** Settings that differ from a stock server's, and so bear on the times measured. */
  readonly settings: Record<string, string>;
  /** Where containers of the same rehearsal find the server; null if they cannot. */
  readonly containerNetwork: ContainerNetwork | null;
  /** The command that ends the server where it is kept. */
  readonly endCommand: string;
}

export interface ContainerNetwork {
  id: string;
  host: string;
  port: number;
}

/** Why an engine cannot be used here, and the command that mends it. */
export interface Unavailable {
  reason: string;
  remedy: string;
}

export function isUnavailable(result: Engine | Unavailable): result is Unavailable {
  return 'remedy' in result;
}
