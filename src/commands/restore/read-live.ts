import type { ToolLimits } from '../../postgres/tool.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import { say, warnApart } from '../say.ts';

/**
 * Reads the live database to compare something with it. What it is like does not stand in the way: it may be the reason for all
 * this. Null, and said, where there is none or it cannot be read.
 */
export async function readLive<T>(
  server: RecoveryServer,
  { signal }: ToolLimits,
  read: () => Promise<T>,
): Promise<T | null> {
  const { live } = server;
  if ((await server.readFacts(live)) === null) {
    warnApart(`There is no database ${live} at present.`);
    return null;
  }
  say(`comparing with ${live}, which is only read`);
  return read().catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    warnApart(`${live} could not be read, and so is not compared: ${reason}`);
    return null;
  });
}
