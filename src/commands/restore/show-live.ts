import { compareWithLive, type TableDifference } from '../../recovery/live-differences.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import type { RecoveryRequest } from '../../recovery/request.ts';
import { readDatabase } from '../../recovery/verify.ts';
import { printable } from '../../terminal/printable.ts';
import { say, warnApart } from '../say.ts';
import type { Restored } from './show-restored.ts';

/**
 * Shows in which tables the live database differs from the restored one. What it is like does not stand in the way: it may be
 * the reason for all this.
 */
export async function showLive(
  server: RecoveryServer,
  { snapshot }: Restored,
  { limits }: RecoveryRequest,
): Promise<void> {
  const { live } = server;
  if ((await server.readFacts(live)) === null) {
    warnApart(`There is no database ${live} at present.`);
    return;
  }
  say(`comparing with ${live}, which is only read`);
  const reading = { ownership: 'runbook', digestVersion: snapshot.digestVersion } as const;
  const there = await readDatabase(server, live, reading, limits).catch((error: unknown) => {
    if (limits.signal?.aborted === true) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    warnApart(`${live} could not be read, and so is not compared: ${reason}`);
    return null;
  });
  if (there !== null) showTables(compareWithLive(there, snapshot));
}

const words: Record<TableDifference['what'], string> = {
  'only live': 'only in the live database',
  'only restored': 'only in the restored database',
  'other number': '',
  'other rows': 'as many rows, but not the same',
};

/** Shows how tables differ. */
export function showTables(differences: TableDifference[]): void {
  if (differences.length === 0) {
    console.log('\n  The live database holds the same rows.');
    return;
  }
  const rows = [
    ['table', 'live', 'restored', ''] as const,
    ...differences.map(({ name, live, restored, what }) => {
      return [printable(name.replace(/\s+/g, ' ')), show(live), show(restored), words[what]] as const;
    }),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const digits = Math.max(...rows.flatMap(([, live, restored]) => [live.length, restored.length]));
  console.log();
  for (const [name, live, restored, what] of rows) {
    console.log(`  ${name.padEnd(width)}  ${live.padStart(digits)}  ${restored.padStart(digits)}  ${what}`.trimEnd());
  }
}

function show(rows: number | null): string {
  return rows === null ? '-' : String(rows);
}
