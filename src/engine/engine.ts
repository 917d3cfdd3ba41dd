import type { Duplex } from 'node:stream';
import type { ProviderName } from '../config/profile.ts';
import type { DisposableConnection } from '../postgres/disposable.ts';
import type { ToolRunner } from '../postgres/tool.ts';
import type { Sweep } from '../system/drafts.ts';

/** What can provide a disposable server here, and why it was chosen. */
export interface Engine {
  readonly name: ProviderName;
  /** One sentence for a person: what will run and why. */
  readonly reason: string;
  start(options: StartOptions): Promise<DisposableServer>;
  /**
   * The directory of this machine that servers keep their data in; null where it is another machine's, or cannot be seen.
   * @param directory private one of a rehearsal
   */
  findDataDirectory?(directory: string): Promise<string | null>;
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
  /** Where its sessions are that administer; the database `postgres`, if left out. */
  adminDatabase?: string;
  /** About how many objects its databases will hold; few, if left out. */
  objects?: number;
  /** Settings of the server that count more than those for data that nobody will miss. */
  settings?: Readonly<Record<string, string>>;
  /** Whether an application in a container has to reach the server. Programs of this machine ask the server for a way. */
  forContainers: boolean;
  /** Give the server a small disk for a tablespace that is filled up on purpose. */
  smallDisk?: boolean;
  /** Leave the server running when it is disposed of. */
  keep: boolean;
  signal: AbortSignal;
}

/**
 * A PostgreSQL server that this process started and that goes away when it is disposed of. One that somebody else provides
 * (`target`) stays, without what was made there; only its databases are disposable.
 */
export interface DisposableServer extends ToolRunner, AsyncDisposable {
  readonly engine: ProviderName;
  /** As the server says it, for example `17.5`. */
  readonly serverVersion: string;
  /** The superuser's connection to a database that nobody rehearses, as the harness and client programs of this machine make it. */
  readonly admin: DisposableConnection;
  /** One sentence for the evidence: what keeps code that runs in the server from acting on the world; null where nothing does. */
  readonly isolation: string | null;
  readonly image: string | null;
  readonly imageDigest: string | null;
  /** Versions of the client programs in use. */
  readonly tools: Record<string, string>;
  /** Settings that differ from a stock server's, and so bear on the times measured. */
  readonly settings: Record<string, string>;
  /** Where containers of the same rehearsal find the server; null where they cannot, or nobody asked for it. */
  readonly containerNetwork: ContainerNetwork | null;
  /** An empty directory on a disk of 24 MB that belongs to the server; null where it cannot be had, or nobody asked for it. */
  readonly smallDisk: string | null;
  /** The command that ends the server where it is kept. */
  readonly endCommand: string;
  /** Opens a TCP port of this machine for programs that take no socket, where there is none yet. It goes with the server. */
  openPort(): Promise<Address>;
  /** Ends the server at once, as a power failure would. It still has to be disposed of. */
  crash(): Promise<void>;
}

export interface Address {
  host: string;
  port: number;
}

export interface ContainerNetwork extends Address {
  id: string;
  /** What keeps a container of this network from acting on the world, for the evidence. */
  isolation: string;
  /** Opens a connection to a container of this network, which is out of this machine's reach; null where it is not. */
  openTunnel: ((to: Address) => Promise<Duplex>) | null;
  /** Whether the server answers a container of this network by TCP. */
  serverAnswers(): Promise<boolean>;
}

/** Why an engine cannot be used here, and the command that mends it. */
export interface Unavailable {
  reason: string;
  remedy: string;
}

export function isUnavailable(result: Engine | Unavailable): result is Unavailable {
  return 'remedy' in result;
}
