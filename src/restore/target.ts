import type { OpenDump, RestoreSession } from '../backup/format/backup-format.ts';
import type { Finding } from '../evidence/schema.ts';
import type { DumpNeeds } from '../postgres/dump-needs.ts';
import type { Lack } from '../postgres/server-lacks.ts';
import type { ServerOfTools } from '../postgres/tool-errors.ts';
import type { RestoreOptions } from './restore-options.ts';

/**
 * An empty database that a backup is restored into, on a server that was started for it, or beside a live database. What only
 * a disposable server can be put through is not here: see DisposableServer.
 */
export interface Target {
  readonly database: string;
  readonly serverVersion: string;
  /** Who is asked whether the server still runs. */
  readonly server: ServerOfTools;
  /** What must not be shown. */
  readonly secrets: string[];
  /** What the server has not got of what a dump needs. Absent where the restore itself has to say so. */
  readonly findLacks?: (needs: DumpNeeds) => Promise<Lack[]>;
  /** Remedies that differ here from what is said of errors elsewhere, by rule. */
  readonly remedies: Record<string, string>;
  /** Logs in who restores: an archive is code that runs with the rights of this role. What is made for it goes with it. */
  logIn(dump: OpenDump, options: RestoreOptions): Promise<Restorer>;
}

/** Who restores. */
export interface Restorer extends RestoreSession, AsyncDisposable {
  /** What has to be known of who it is. */
  readonly findings: Finding[];
  /** Does what is left to do when everything has been restored. */
  complete(): Promise<void>;
}
