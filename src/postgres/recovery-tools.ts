import { OperationalError } from '../system/operational-error.ts';
import { assertStartedHere, type DisposableTools } from './disposable.ts';
import type { ToolRunner, ToolTarget } from './tool.ts';

declare const madeForRecovery: unique symbol;

/**
 * Client programs that may restore into one database of a server that was not started here: one that `npm run restore` has
 * created there beside the live one. Only src/recovery/ makes them. Nothing else that destroys takes them.
 */
export interface RecoveryTools extends ToolRunner<'pg_restore' | 'psql'> {
  readonly [madeForRecovery]: true;
}

const databases = new WeakMap<object, string>();

/** To be called by who has created the database, and knows that nobody else's is restored over. */
export function grantRecovery({ runTool }: ToolRunner<'pg_restore' | 'psql'>, database: string): RecoveryTools {
  const tools = { runTool } as RecoveryTools;
  databases.set(tools, database);
  return tools;
}

/**
 * The runtime half of the types, for code that gets round them.
 * @throws OperationalError NOT_DISPOSABLE
 */
export function assertMayRestore(tools: DisposableTools | RecoveryTools, { database }: ToolTarget): void {
  if ('admin' in tools) {
    assertStartedHere(tools.admin);
    return;
  }
  if (databases.get(tools) === database) return;
  const message = `Refused to restore into the database ${database}: this process has not created it.`;
  throw new OperationalError('NOT_DISPOSABLE', message);
}
