import type { Connection } from '../../postgres/connection.ts';
import type { TextSettings } from '../../postgres/copy-out.ts';
import type { LargeObjectsHash } from '../../postgres/large-objects-hash.ts';
import type { DumpedContents } from '../../postgres/plain-dump-contents.ts';
import type { DumpedTable } from '../../postgres/plain-dump-rows.ts';
import type { ToolLimits, ToolRunner } from '../../postgres/tool.ts';

/** The rows of a table in a dump. */
export interface HeldTable extends DumpedTable {
  /** As the dump's SQL names it. */
  table: string;
  /** Of the dump, as PostgreSQL names it. */
  encoding: string;
  /** Of a table of an extension: which of its rows a dump holds, as a WHERE clause. Empty for all. */
  condition: string;
}

/** Whether the restored table holds the same. */
export interface ComparedTable extends HeldTable {
  outcome: 'equal' | 'different' | 'not-comparable' | 'not-read';
  /** Why they were not compared; null where they were. */
  reason: string | null;
}

export interface RowComparison {
  tables: ComparedTable[];
  largeObjects: { dumped: LargeObjectsHash; restored: LargeObjectsHash };
  /** How values were printed, for whoever wants to repeat it. */
  settings: TextSettings;
}

/** A dump whose rows have been hashed, and can be once more. */
export interface HashedDump {
  contents: Pick<DumpedContents, 'tables' | 'timestamps' | 'encoding' | 'largeObjects'>;
  /** Hashes each row of some tables for itself. */
  hashEachRow(tables: ReadonlySet<string>): Promise<DumpedContents['tables']>;
}

/** A restored database, and a role that sees every row of it. */
export interface RestoredRows {
  reader: Connection;
  runner: ToolRunner<'pg_dump'>;
  limits: ToolLimits;
}
