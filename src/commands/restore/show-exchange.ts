import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import type { Readable } from '../../recovery/readable-tables.ts';
import type { RolledBack, Switched } from '../../recovery/switch-over.ts';
import { count } from '../../terminal/count.ts';
import { printable } from '../../terminal/printable.ts';
import type { CommandOutcome } from '../command.ts';
import { say, warnApart } from '../say.ts';
import { dropStatement } from './show-restored.ts';

/**
 * Gives the command that does this next; null: that restores once more. `to` is the database to go back to, or to compare with.
 */
export type Next = (action: 'switch' | 'rollback' | 'diff' | null, to?: string) => string;

export function showSwitch(
  { putAside, exchanged, warnings, readable }: Switched,
  { live }: RecoveryServer,
  next: Next,
): void {
  showExchange(exchanged, warnings);
  showSuccess(`${live} is the restored database now`);
  for (const each of readable) showReadable(each);
  if (putAside === null) return;
  console.log(`    what it was before is kept as ${printable(putAside)}`);
  console.log(`\n  take it back        ${next('rollback')}`);
  console.log(`  when all is well    ${dropStatement(putAside)}`);
}

/** Of a role that had sessions. */
function showReadable({ role, before, lost }: Readable): void {
  const tables = count(before, 'table');
  if (lost.length === 0) console.log(`    ${printable(role)} can read what it could read before: ${tables}`);
  else warnApart(`${role} cannot read ${lost.length} of the ${tables} that it could read before: ${shorten(lost)}`);
}

function shorten(names: string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}

export function showRollback(result: RolledBack, { live }: RecoveryServer, next: Next): CommandOutcome {
  if ('done' in result) {
    showSuccess(`${live} was taken back before; nothing was done`);
    console.log(`    what was live meanwhile is kept as ${printable(result.done)}`);
  } else {
    showExchange(result.exchanged, result.warnings);
    showSuccess(`${live} is again what it was before the switch`);
    if (result.putAside !== null) {
      console.log(`    what was live meanwhile is kept as ${printable(result.putAside)}`);
      console.log(`\n  when nobody needs it    ${dropStatement(result.putAside)}`);
    }
  }
  showOthers(result.others, next);
  return 'done';
}

function showOthers(others: RolledBack['others'], next: Next): void {
  if (others.length === 0) return;
  console.log('\n  what was live at other times is kept, too');
  for (const { name, replacedAt } of others) {
    console.log(`    ${printable(name)}, live until ${replacedAt.toISOString()}`);
    console.log(`      go back to it    ${next('rollback', name)}`);
  }
}

/** There is nothing to switch: it was done before. */
export function showDone({ live }: RecoveryServer, kept: string | null, next: Next): CommandOutcome {
  showSuccess(`${live} is what was restored of this backup already; nothing was done`);
  if (kept !== null) console.log(`\n  take it back             ${next('rollback')}`);
  console.log(`  restore it once more     ${next(null)}, then the same with --switch`);
  return 'done';
}

function showExchange({ lockedMs, endedSessions }: Switched['exchanged'], warnings: string[]): void {
  for (const warning of warnings) warnApart(warning);
  const took = prettyMilliseconds(lockedMs);
  say(`names exchanged within ${took}; ${endedSessions} session${endedSessions === 1 ? '' : 's'} ended`);
}

export function showSuccess(text: string): void {
  console.log(`  ${styleText('green', '✔')} ${printable(text)}`);
}
