import { styleText } from 'node:util';
import { printable } from '../../terminal/printable.ts';
import { wrap } from '../../terminal/wrap.ts';
import type { DeliverySink, FinishedRun } from '../sinks/sink.ts';
import { keepUndelivered } from './undelivered.ts';

/** Delivers to everybody at once, for each may have to be waited for. Never throws: what fails is said here, and kept for later. */
export async function deliverAll(sinks: Record<string, DeliverySink>, run: FinishedRun): Promise<void> {
  const names = Object.keys(sinks);
  const results = await Promise.allSettled(Object.values(sinks).map(async ({ deliver }) => deliver(run)));
  const failed = results.flatMap((result, index) =>
    result.status === 'fulfilled' ? [] : [{ what: names[index] ?? '', message: messageOf(result.reason) }],
  );
  if (failed.length === 0) return;
  for (const one of failed) say(one, run.screen);
  try {
    await keepUndelivered(run.reports, failed);
  } catch (error) {
    say({ what: 'this', message: `It could not be kept for the next run either: ${messageOf(error)}` }, run.screen);
  }
}

function say({ what, message }: { what: string; message: string }, { print, columns }: FinishedRun['screen']): void {
  const name = styleText('yellow', styleText('bold', 'NOT_DELIVERED'));
  print(wrap(`${name}  ${what}: ${printable(message)}`, columns, { first: 2, hanging: 6 }));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
