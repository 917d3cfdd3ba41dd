import { parseEnv } from 'node:util';
import { interpolate, type Variables } from './interpolate.ts';

/** Reads a file of variables as Compose, dotenv and Prisma do: one may name others. Pure. */
export function readVariables(text: string): Record<string, string> {
  // Node.js gives them in the order of their names, not in that of the file.
  const raw = new Map(Object.entries(parseEnv(text)).map(([name, value]) => [name, value ?? '']));
  let known: Variables = {};
  for (let round = 0; round < deepest; round += 1) {
    const read = [...raw].map(([name, value]) => [name, interpolate(value, known)] as const);
    known = Object.fromEntries(read.filter((pair): pair is [string, string] => pair[1] !== null));
  }
  // A dollar in a password is one, where nothing of that name is set.
  return { ...Object.fromEntries(raw), ...known };
}

/** Whether Node.js reads the variable as it is meant: it puts none into another. Pure. */
export function isLiteral(text: string, variable: string, value: string | undefined): boolean {
  return parseEnv(text)[variable] === value;
}

/** How often one names another that names another. */
const deepest = 4;

/** The line in which a variable is set, counted from 1. Pure. */
export function lineOf(text: string, variable: string): number | null {
  const index = text.split('\n').findIndex((line) => line.replace(/^\s*(?:export\s+)?/, '').startsWith(`${variable}=`));
  return index === -1 ? null : index + 1;
}
