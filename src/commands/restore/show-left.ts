import { listLeft, type LeftDatabase } from '../../recovery/left-databases.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { count } from '../../terminal/count.ts';
import { printable } from '../../terminal/printable.ts';
import type { CommandOutcome } from '../command.ts';
import { complain } from '../say.ts';
import { showSuccess } from './show-exchange.ts';

/** Lists what earlier runs beside the live database have left. Only reads. */
export async function showLeft(server: RecoveryServer, clean: string): Promise<CommandOutcome> {
  const left = listLeft(await server.listDatabases(), server.live);
  show(left);
  if (left.length > 0) console.log(`\n  drop what nobody needs any more    ${clean}`);
  return 'done';
}

/**
 * Drops what earlier runs have left, once a person has said so. Nothing is dropped in which somebody works.
 * @throws OperationalError BAD_USAGE where nobody can be asked
 */
export async function cleanLeft(server: RecoveryServer, isAgreed: boolean): Promise<CommandOutcome> {
  const left = listLeft(await server.listDatabases(), server.live);
  show(left);
  if (left.length === 0) return 'done';
  if (!isAgreed && !(await ask(left))) {
    console.log('\n  nothing was dropped');
    return 'done';
  }
  console.log();
  let failed = 0;
  for (const { name } of left) {
    try {
      await server.dropMarked(name);
      showSuccess(`dropped ${name}`);
    } catch (error) {
      failed += 1;
      complain(`${name} was not dropped: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed === 0 ? 'done' : 'could-not-run';
}

function show(left: LeftDatabase[]): void {
  if (left.length === 0) console.log('  earlier restores, switches and rollbacks have left nothing here');
  for (const { name, about, inUse } of left) {
    console.log(`  ${printable(name)}\n    ${printable(about)}${inUse ? '; somebody works in it' : ''}`);
  }
}

async function ask(left: LeftDatabase[]): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    const message = `Nobody can be asked here whether ${left.length === 1 ? 'it goes' : 'they go'}, so nothing was dropped. Say so with --yes.`;
    throw new OperationalError('BAD_USAGE', message);
  }
  const { confirm } = await import('@clack/prompts');
  const message = `Drop ${count(left.length, 'database')}? There is no way back.`;
  return (await confirm({ message, initialValue: false })) === true;
}
