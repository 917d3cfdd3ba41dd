import type { Screen } from '../../evidence/sinks/sink.ts';

/** Some terminals do not know how wide they are, and say 0. */
export function screen(): Screen {
  return { print: console.log, columns: process.stdout.isTTY ? process.stdout.columns || 80 : null };
}
