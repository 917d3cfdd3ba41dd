import type { TableDifference } from '../../recovery/live-differences.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import {
  countDifferences,
  countRows,
  withBoth,
  type CountedDifference,
} from '../../recovery/rows/compare-databases.ts';
import { countWrittenSince } from '../../recovery/rows/written-since.ts';
import { withReading } from '../../recovery/read-session.ts';
import type { ToolLimits } from '../../postgres/tool.ts';
import { printable } from '../../terminal/printable.ts';
import { say, warnApart } from '../say.ts';
import type { Next } from './show-exchange.ts';

/** What counting is allowed, and what is typed to see keys. */
interface Showing {
  limits: ToolLimits;
  next: Next;
}

/** Counting is no reason to wait in an incident: what is not counted by then is left to --diff. */
const countWithinMs = 2 * 60_000;

/** Shows how many rows differ in the tables that do. @param names the live database and the other */
export async function showCounted(
  server: RecoveryServer,
  names: [string, string],
  differences: TableDifference[],
  { limits, next }: Showing,
): Promise<void> {
  if (differences.length === 0) {
    console.log('\n  The live database holds the same rows.');
    return;
  }
  const counted = await orWarn(limits, 'The rows that differ could not be counted', () =>
    withBoth(server, names, limits, (left, right) =>
      countRows([left, right], differences, performance.now() + countWithinMs),
    ),
  );
  showTable(counted ?? differences.map((difference) => ({ ...difference, rows: null })), names);
  sayHowToSee(names[1], next);
}

/** After a switch: what was written to the database that was put aside, and is not in the live one. */
export async function showLeftBehind(server: RecoveryServer, putAside: string, showing: Showing): Promise<void> {
  const { limits, next } = showing;
  const names: [string, string] = [server.live, putAside];
  say(`counting the rows that differ between ${putAside} and ${server.live}; Ctrl-C ends that, the switch is done`);
  const counted = await orWarn(limits, 'The switch is done. The rows that differ could not be counted', () =>
    countDifferences(server, names, limits, countWithinMs),
  );
  if (counted === null) {
    sayHowToSee(putAside, next);
    return;
  }
  if (counted.length === 0) console.log('\n  Both hold the same rows: nothing was written after the backup.');
  else {
    console.log(
      `\n  Rows of ${printable(putAside)} that were written after the backup are not in ${printable(server.live)}:`,
    );
    showTable(counted, names);
    sayHowToSee(putAside, next);
  }
}

/** After a rollback: what was written to the database that was live meanwhile. */
export async function showWritten(
  server: RecoveryServer,
  { putAside, since }: { putAside: string; since: string | null },
  { limits, next }: Showing,
): Promise<void> {
  if (since === null) {
    warnApart(
      `An older version made the switch, and did not note when: what was written to ${putAside} since is not told.`,
    );
    sayHowToSee(putAside, next);
    return;
  }
  const written = await orWarn(limits, 'The rollback is done. The rows that were written could not be counted', () =>
    withReading(server, putAside, limits, (client) =>
      countWrittenSince(client, since, performance.now() + countWithinMs),
    ),
  );
  if (written === null) {
    sayHowToSee(putAside, next);
    return;
  }
  if (written.length === 0) {
    console.log(`\n  No row was added to ${printable(putAside)} or changed there since the switch.`);
    return;
  }
  console.log(`\n  Rows that were added to ${printable(putAside)} or changed there since the switch:`);
  const width = Math.max(...written.map(({ name }) => name.length));
  for (const { name, rows } of written) console.log(`    ${printable(name).padEnd(width)}  ${show(rows)}`);
  sayHowToSee(putAside, next);
}

function sayHowToSee(other: string, next: Next): void {
  console.log(`\n  see their keys, by table    ${next('diff', other)} --diff TABLE`);
}

/** What cannot be read does not undo what was done. */
async function orWarn<T>({ signal }: ToolLimits, problem: string, read: () => Promise<T>): Promise<T | null> {
  return read().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    warnApart(`${problem}: ${signal?.aborted === true ? 'it was interrupted.' : reason}`);
    return null;
  });
}

const words: Record<TableDifference['what'], string> = {
  'only live': 'only in the live database',
  'only restored': 'only in the other database',
  'other number': '',
  'other rows': '',
};

function showTable(differences: CountedDifference[], [, other]: [string, string]): void {
  const rows = [
    ['table', 'live', 'there', 'only live', 'only there', 'changed', ''],
    ...differences.map(({ name, live, restored, what, rows: counted }) => [
      printable(name.replace(/\s+/g, ' ')),
      ...[live, restored].map(show),
      ...[counted?.onlyLeft, counted?.onlyRight, counted?.changed].map((list) =>
        show(counted?.complete === true ? (list?.count ?? null) : null),
      ),
      words[what],
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  console.log(`\n  there: ${printable(other)}`);
  for (const row of rows) {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 || column === row.length - 1 ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(`  ${cells.join('  ')}`.trimEnd());
  }
}

function show(rows: number | null): string {
  return rows === null ? '-' : String(rows);
}
