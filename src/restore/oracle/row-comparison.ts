import type { Connection } from '../../postgres/connection.ts';
import type { TextSettings } from '../../postgres/copy-out.ts';
import type { DumpedContents } from '../../postgres/plain-dump-contents.ts';
import type { DumpedTable } from '../../postgres/plain-dump-rows.ts';
import type { ToolLimits, ToolRunner } from '../../postgres/tool.ts';
import type { LargeObjectComparison } from './compare-large-objects.ts';

/** The rows of a table in a dump, and whether the restored table holds the same. */
export interface ComparedTable extends DumpedTable {
  /** As the dump's SQL names it. */
  table: string;
  /** Of a table of an extension: which of its rows a dump holds, as a WHERE clause. Empty for all. */
  condition: string;
  outcome: 'equal' | 'different' | 'not-comparable' | 'not-read';
  /** Why they were not compared; null where they were. */
  reason: string | null;
}

export interface RowComparison {
  tables: ComparedTable[];
  largeObjects: LargeObjectComparison;
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
