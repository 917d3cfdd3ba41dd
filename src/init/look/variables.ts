import { parseEnv } from 'node:util';
import { interpolate, type Variables } from './interpolate.ts';

/** Reads a file of variables as Compose, dotenv and Prisma do: later lines may name earlier ones. Pure. */
export function readVariables(text: string, before: Variables = {}): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(text))) {
    const expanded = interpolate(value ?? '', { ...before, ...read });
    if (expanded !== null) read[name] = expanded;
  }
  return read;
}

/** The line in which a variable is set, counted from 1. Pure. */
export function lineOf(text: string, variable: string): number | null {
  const index = text.split('\n').findIndex((line) => line.replace(/^\s*(?:export\s+)?/, '').startsWith(`${variable}=`));
  return index === -1 ? null : index + 1;
}
