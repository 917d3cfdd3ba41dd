import { basename } from 'node:path';
import { styleText } from 'node:util';
import pg from 'pg';
import { describeCost, type Telling } from '../../recovery/describe-rights.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import type { RecoveryRequest } from '../../recovery/request.ts';
import type { RestoredBeside } from '../../recovery/restore-beside.ts';
import { isFree, type RightsCost } from '../../recovery/rights-cost.ts';
import { describeOutdatedDigest } from '../../snapshot/outdated-digest.ts';
import { printable } from '../../terminal/printable.ts';
import type { Outcome } from '../command.ts';
import { warnApart } from '../say.ts';

/** A database that was restored, whatever came of comparing it. */
export type Restored = Extract<RestoredBeside, { name: string }>;

export function showRefused(problems: Extract<RestoredBeside, { verdict: 'refused' }>['problems']): Outcome {
  console.log(styleText('red', '\n  The backup cannot be relied on; nothing was restored.'));
  for (const { rule, message, remedy } of problems) showFinding(rule, message, remedy);
  return 'not-verified';
}

export function showRestored({ name, reused, snapshot, verdict }: Restored, { live }: RecoveryServer): void {
  const rows = snapshot.tables.reduce((sum, table) => sum + (table.digest === null ? 0 : (table.rows ?? 0)), 0);
  const mark = verdict === 'verified' ? styleText('green', '✔') : styleText('red', '✖');
  const again = verdict === 'not-compared' ? '' : ', and compared again';
  const how = reused ? `was restored before${again}` : 'was restored';
  console.log(`\n  ${mark} ${printable(name)} ${how}: ${snapshot.tables.length} tables, ${rows} rows`);
  if (verdict === 'verified') console.log(`    it is equal to the manifest; ${printable(live)} was not touched`);
  const outdated = describeOutdatedDigest(snapshot.digestVersion);
  if (outdated !== null) warnApart(`${outdated.message} ${outdated.remedy}`);
}

export function showNotCompared({ name }: Restored, { set }: RecoveryRequest): Outcome {
  warnApart(
    `There is no manifest beside ${basename(set.dump)}, so nothing says whether ${name} is complete, and it is not switched to. Look into it: it stays, and is used again when the manifest is there. When it is what you need, exchange the names by hand with ALTER DATABASE … RENAME TO …`,
  );
  return 'could-not-run';
}

export function showDifferent({ name, differences }: Restored): Outcome {
  for (const { rule, object, expected, actual, remedy } of differences) {
    showFinding(rule, `${object}: expected ${expected}, found ${actual}.`, remedy);
  }
  const hint = `To remove it: ${dropStatement(name)}`;
  console.log(styleText('red', `\n  It is not equal to the manifest and is not switched to. ${hint}`));
  return 'not-verified';
}

/** What roles lose or get by a switch. */
export function showCost(cost: RightsCost, telling: Telling): void {
  const lines = describeCost(cost, telling)
    .map((line) => `  ${printable(line)}`)
    .join('\n');
  console.log(`\n${isFree(cost) ? lines : styleText('yellow', lines)}`);
}

/** The statement that removes a database, to be typed in psql. */
export function dropStatement(name: string): string {
  return printable(`drop database ${pg.escapeIdentifier(name)};`);
}

function showFinding(rule: string, message: string, remedy: string): void {
  console.log(`\n  ${styleText('red', rule)}  ${printable(message)}\n    ${printable(remedy)}`);
}
