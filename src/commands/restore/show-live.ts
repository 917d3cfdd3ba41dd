import { compareWithLive } from '../../recovery/live-differences.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import type { RecoveryRequest } from '../../recovery/request.ts';
import { readDatabase } from '../../recovery/verify.ts';
import { say, warnApart } from '../say.ts';
import type { Next } from './show-exchange.ts';
import { showCounted } from './show-rows.ts';
import type { Restored } from './show-restored.ts';

/**
 * Shows in which tables the live database differs from the restored one. What it is like does not stand in the way: it may be
 * the reason for all this.
 */
export async function showLive(
  server: RecoveryServer,
  { name, snapshot }: Restored,
  { limits }: RecoveryRequest,
  next: Next,
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
  if (there === null) return;
  await showCounted(server, [live, name], compareWithLive(there, snapshot), { limits, next });
}
