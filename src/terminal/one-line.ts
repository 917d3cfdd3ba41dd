import { printable } from './printable.ts';

/** Names come from databases: none may bring escape sequences, or a line that looks like one of ours. Pure. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' '));
}
