import { compareDefinitions, compareWithLive, type DefinitionDifference } from '../../recovery/live-differences.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import type { RecoveryRequest } from '../../recovery/request.ts';
import { readDatabase } from '../../recovery/verify.ts';
import { printable } from '../../terminal/printable.ts';
import { readLive } from './read-live.ts';
import type { Next } from './show-exchange.ts';
import { showCounted } from './show-rows.ts';
import type { Restored } from './show-restored.ts';

/** Shows in which tables and definitions the live database differs from the restored one. */
export async function showLive(
  server: RecoveryServer,
  { name, snapshot }: Restored,
  { limits }: RecoveryRequest,
  next: Next,
): Promise<void> {
  const { live } = server;
  const reading = { ownership: 'runbook', digestVersion: snapshot.digestVersion } as const;
  const there = await readLive(server, limits, () => readDatabase(server, live, reading, limits));
  if (there === null) return;
  await showCounted(server, [live, name], compareWithLive(there, snapshot), { limits, next });
  showDefinitions(live, compareDefinitions(there, snapshot));
}

const mostLines = 20;

/** A publication, an event trigger or an extension that is gone is missed only when somebody waits for what it did. */
function showDefinitions(live: string, differences: DefinitionDifference[]): void {
  if (differences.length === 0) return;
  const words = {
    'only live': `only in ${live} now`,
    'only restored': 'only restored',
    'other definition': 'changed since',
  };
  console.log('\n  definitions that a switch would change');
  for (const { object, what } of differences.slice(0, mostLines)) {
    console.log(`    ${printable(object)}: ${printable(words[what])}`);
  }
  const left = differences.length - mostLines;
  if (left > 0) console.log(`    and ${left} more`);
}
