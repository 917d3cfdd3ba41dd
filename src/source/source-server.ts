import type { Connection } from '../postgres/connection.ts';
import type { DumpTools } from './only-dumps.ts';

/** A live server that is only read. What is open on the way to it is closed when it is disposed of. */
export interface SourceServer extends DumpTools, AsyncDisposable {
  /** For sessions that only read; see postgres/source.ts. */
  readonly connection: Connection;
  /** As the server says it, for example `16.4`. */
  readonly serverVersion: string;
  /** Version of pg_dump. */
  readonly dumpVersion: string;
  /** Where it is, for people: without a password. */
  readonly description: string;
  /** Whether pg_dump can write files of this machine, as its directory format has to. */
  readonly writesHere: boolean;
  /** What must not be shown. */
  readonly secrets: string[];
}
