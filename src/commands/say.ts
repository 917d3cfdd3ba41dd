import { styleText } from 'node:util';
import type { Sweep } from '../system/drafts.ts';
import { printable } from '../terminal/printable.ts';

/** The first line of a command's output. */
export function sayHeading(command: string, about: string): void {
  console.log(`${styleText('bold', command)} ${printable(about)}`);
}

/** What is done meanwhile. */
export function say(what: string): void {
  console.log(styleText('dim', `  ${printable(what)}`));
}

export function warn(text: string): void {
  console.log(styleText('yellow', `  ${printable(text)}`));
}

/** A warning with a blank line above it. */
export function warnApart(text: string): void {
  console.log();
  warn(text);
}

/** What goes wrong while a command goes on. */
export function complain(problem: string): void {
  console.error(styleText('red', `  ✖ ${printable(problem)}`, { stream: process.stderr }));
}

/** Makes a word to the person who presses Ctrl-C. */
export function sayInterrupted(what: string): () => void {
  return () => {
    console.error(styleText('yellow', `\n  Interrupted: ${what} ...`, { stream: process.stderr }));
  };
}

/** What a command removed that runs before it left. What stands in the way of that does not stand in the way of the command. */
export function saySweep({ removed, failed }: Sweep, what: string): void {
  if (removed.length > 0) say(`removed ${what}: ${removed.join(', ')}`);
  if (failed.length > 0) warn(`could not remove ${what}: ${failed.join(', ')}`);
}
