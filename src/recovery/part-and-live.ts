import { nameKey } from '../postgres/name-key.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import { qualify } from '../restore/part/find-tables.ts';
import { nameInSql } from '../snapshot/find-table.ts';
import { readTables } from '../snapshot/read-tables.ts';
import type { DigestVersion } from '../snapshot/digest-version.ts';
import { namesOf } from './compare-part.ts';
import { compareWithLive, type TableDifference } from './live-differences.ts';
import { withReading } from './read-session.ts';
import type { RecoveryServer } from './recovery-server.ts';
import type { RestoredPart } from './restore-part.ts';
import { bringBackScript, type BroughtBack } from './rows/bring-back.ts';
import { readShape } from './rows/table-shape.ts';

type Restored = Extract<RestoredPart, { name: string }>;

/** How the tables of a part differ from those of the live database, and how rows come back. */
export interface PartAndLive {
  differences: TableDifference[];
  /** Lines for psql; none where no table of the live database lacks rows. */
  script: string[];
  /** Tables that the live database has not got any more, as SQL names them. */
  gone: string[];
}

/** Compares the tables of a part with the live database, which is only read. */
export async function compareWithPart(
  server: RecoveryServer,
  { name, part, tables }: Restored,
  digestVersion: DigestVersion,
  limits: ToolLimits,
): Promise<PartAndLive> {
  const isOfPart = namesOf(part.tables);
  const live = await withReading(server, server.live, limits, async (client) => {
    const read = await readTables({ client, digestVersion }, ({ qualifiedName }) => isOfPart(qualifiedName));
    const shapes = new Map<string, Awaited<ReturnType<typeof readShape>>>();
    for (const table of part.tables) shapes.set(qualify(table), await readShape(client, qualify(table)));
    return { read, shapes };
  });
  const differences = compareWithLive({ tables: live.read }, { tables });
  const differing = namesInSql(differences.map(({ name: table }) => table));
  // Rows of a partitioned table are in its partitions; those of a foreign table are elsewhere.
  const withRows = namesInSql(tables.filter(({ kind }) => kind === 'table').map(({ name: table }) => table));
  const wanted = part.tables.filter((table) => differing(qualify(table)) && withRows(qualify(table)));
  const brought: BroughtBack[] = [];
  await withReading(server, name, limits, async (client) => {
    for (const table of wanted) {
      const [restored, there] = [await readShape(client, qualify(table)), live.shapes.get(qualify(table)) ?? null];
      if (restored === null || there === null) continue;
      brought.push({ schema: table.schema ?? 'public', name: table.name, restored, live: there });
    }
  });
  return {
    differences,
    script: brought.length === 0 ? [] : bringBackScript({ live: server.live, restored: name }, brought),
    gone: wanted.map(qualify).filter((table) => (live.shapes.get(table) ?? null) === null),
  };
}

function namesInSql(names: string[]): (name: string) => boolean {
  const keys = new Set(names.map((name) => nameKey(nameInSql({ name }))));
  return (name) => keys.has(nameKey(name));
}
