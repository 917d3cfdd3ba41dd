import type { Mark } from '../../recovery/marks.ts';
import type { MarkedDatabase } from '../../recovery/plan.ts';
import { sinceOf } from '../../recovery/diff-with.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import { withBoth } from '../../recovery/rows/compare-databases.ts';
import { diffRows, type RowDiff } from '../../recovery/rows/diff-rows.ts';
import type { KeyList } from '../../recovery/rows/merge-rows.ts';
import { listWrittenSince } from '../../recovery/rows/written-since.ts';
import { tableNames } from '../../recovery/rows/table-names.ts';
import type { ToolLimits } from '../../postgres/tool.ts';
import { printable } from '../../terminal/printable.ts';
import type { CommandOutcome } from '../command.ts';
import { say, warnApart } from '../say.ts';

/** Of all tables that are asked for together. */
const diffWithinMs = 30 * 60_000;

/** Shows the keys of rows that are not the same in the live database and another one. They are printed, and kept nowhere. */
export async function showDiff(
  server: RecoveryServer,
  other: MarkedDatabase & { mark: Mark },
  { tables, keys, limits }: { tables: string[]; keys: number; limits: ToolLimits },
): Promise<CommandOutcome> {
  const { live } = server;
  say(`comparing ${live} with ${other.name}; both are only read`);
  const deadline = performance.now() + diffWithinMs;
  let isComplete = true;
  for (const table of tables) {
    const diff = await withBoth(server, [live, other.name], limits, async (left, right) => {
      const name = await tableNames([left, right], table);
      const since = sinceOf(other);
      const found = await diffRows(left, right, name, { keys, deadline });
      const written =
        since === null || found?.complete !== true
          ? null
          : await listWrittenSince(right, name, since, { keys, deadline });
      return { name, found, written };
    });
    isComplete &&= diff.found?.complete === true;
    showTableDiff(diff, [live, other.name]);
  }
  return isComplete ? 'done' : 'could-not-run';
}

function showTableDiff(
  { name, found, written }: { name: string; found: RowDiff | null; written: KeyList | null },
  [live, other]: [string, string],
): void {
  if (found === null) {
    warnApart(`Only one of ${live} and ${other} has the table ${name}, so no rows can be compared.`);
    return;
  }
  const { key, notCompared, complete, onlyLeft, onlyRight, changed } = found;
  const told = key === null ? 'no key: rows by a hash of their values' : `by (${key.join(', ')})`;
  console.log(`\n  ${printable(name)}, ${printable(told)}`);
  if (notCompared.length > 0) console.log(`    not compared, as they differ: ${printable(notCompared.join(', '))}`);
  showKeys(`only in ${live}`, onlyLeft);
  showKeys(`only in ${other}`, onlyRight);
  if (key !== null) showKeys('in both, with other values', changed);
  if (written !== null) showKeys(`added to ${other} or changed there while it was live`, written);
  if (!complete) warnApart('There was no time for all rows: those that are shown are not all that differ.');
}

function showKeys(what: string, { count, first }: KeyList): void {
  console.log(`    ${printable(what)}: ${count}`);
  if (count === 0 || first.length === 0) return;
  const more = count - first.length;
  const shown = first.map((key) => printable(key.replace(/\s+/g, ' '))).join(' ');
  console.log(`      ${shown}${more > 0 ? ` and ${more} more (--keys ${count} shows them)` : ''}`);
}
