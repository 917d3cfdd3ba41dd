import { relative, resolve } from 'node:path';
import { printable } from './printable.ts';

/** A path as it is shown and typed here: relative where it leads down. Safe to print. */
export function nearby(path: string): string {
  const near = relative(process.cwd(), resolve(path));
  return printable(near.startsWith('..') || near === '' ? resolve(path) : near);
}
