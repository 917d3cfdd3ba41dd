import { count } from '../../terminal/count.ts';
import { basename } from 'node:path';
import { styleText } from 'node:util';
import pg from 'pg';
import type { BackupFinding } from '../../backup/format/backup-finding.ts';
import { describeCost, type Telling } from '../../recovery/describe-rights.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import type { RecoveryRequest } from '../../recovery/request.ts';
import type { RestoredBeside } from '../../recovery/restore-beside.ts';
import { isFree, type RightsCost } from '../../recovery/rights-cost.ts';
import { nearby } from '../../terminal/nearby.ts';
import { printable } from '../../terminal/printable.ts';
import type { CommandOutcome } from '../command.ts';
import { warnApart } from '../say.ts';

/** A database that was restored, whatever came of comparing it. */
export type Restored = Extract<RestoredBeside, { name: string }>;

export function showRefused(findings: BackupFinding[], { older = null }: RecoveryRequest): CommandOutcome {
  console.log(styleText('red', '\n  The backup cannot be relied on; nothing was restored.'));
  for (const { rule, message, remedy } of findings) showFinding(rule, message, remedy);
  if (older !== null) warnApart(`The next older backup is ${nearby(older)}: name it with --backup.`);
  return 'not-verified';
}

export function showRestored(restored: Restored, { live }: RecoveryServer, { isNew = false } = {}): void {
  const { name, reused, snapshot, verdict, findings } = restored;
  const rows = snapshot.tables.reduce((sum, table) => sum + (table.digest === null ? 0 : (table.rows ?? 0)), 0);
  const mark = verdict === 'verified' ? styleText('green', '✔') : styleText('red', '✖');
  const again = verdict === 'not-compared' ? '' : ', and compared again';
  const how = reused ? `was restored before${again}` : 'was restored';
  console.log(
    `\n  ${mark} ${printable(name)} ${how}: ${count(snapshot.tables.length, 'table')}, ${count(rows, 'row')}`,
  );
  const untouched = isNew ? '' : `; ${printable(live)} was not touched`;
  if (verdict === 'verified') console.log(`    it is equal to the manifest${untouched}`);
  for (const { severity, message, remedy } of findings) {
    if (severity === 'warning') warnApart(`${message} ${remedy}`);
  }
}

export function showNotCompared({ name }: Restored, { backup }: RecoveryRequest): CommandOutcome {
  warnApart(
    `There is no manifest beside ${basename(backup.set.dump)}, so nothing says whether ${name} is complete, and it is not switched to. Look into it: it stays, and is used again when the manifest is there. When it is what you need, exchange the names by hand with ALTER DATABASE … RENAME TO …`,
  );
  return 'could-not-run';
}

export function showDifferent({ name, findings }: Restored): CommandOutcome {
  for (const { rule, severity, message, remedy } of findings) {
    if (severity === 'error') showFinding(rule, message, remedy);
  }
  const hint = `To remove it: ${dropStatement(name)}`;
  console.log(styleText('red', `\n  It is not what the backup holds, and is not switched to. ${hint}`));
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

/** What speaks against a backup, or what was restored of it. */
export function showFinding(rule: string, message: string, remedy: string): void {
  console.log(`\n  ${styleText('red', rule)}  ${printable(message)}\n    ${printable(remedy)}`);
}
