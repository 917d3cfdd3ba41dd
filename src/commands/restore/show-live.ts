import { compareDefinitions, compareWithLive, type DefinitionDifference } from '../../recovery/live-differences.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import { ownershipOf, type RecoveryRequest } from '../../recovery/request.ts';
import { readDatabase, readDefinitions } from '../../recovery/verify.ts';
import { printable } from '../../terminal/printable.ts';
import { readLive } from './read-live.ts';
import type { Next } from './show-exchange.ts';
import { showCounted } from './show-rows.ts';
import type { Restored } from './show-restored.ts';

/** Shows in which tables and definitions the live database differs from the restored one. */
export async function showLive(
  server: RecoveryServer,
  { name, snapshot }: Restored,
  request: RecoveryRequest,
  next: Next,
): Promise<void> {
  const { live } = server;
  const { limits } = request;
  const reading = { ownership: ownershipOf(request), digestVersion: snapshot.digestVersion };
  const there = await readLive(server, limits, () => readDatabase(server, live, reading, limits));
  if (there === null) return;
  await showCounted(server, [live, name], compareWithLive(there, snapshot), { limits, next });
  showDefinitions(live, compareDefinitions(there, snapshot));
}

/** Shows what a switch changes besides rows, before it happens. */
export async function showChangedDefinitions(
  server: RecoveryServer,
  { snapshot }: Restored,
  request: RecoveryRequest,
): Promise<void> {
  const { live } = server;
  const { limits } = request;
  const there = await readLive(server, limits, () => readDefinitions(server, live, ownershipOf(request), limits));
  if (there !== null) showDefinitions(live, compareDefinitions(there, snapshot));
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
  console.log('\n  definitions that a switch changes');
  for (const { object, what } of differences.slice(0, mostLines)) {
    console.log(`    ${printable(object)}: ${printable(words[what])}`);
  }
  const left = differences.length - mostLines;
  if (left > 0) console.log(`    and ${left} more`);
}
