import { isPlain, type Overrides } from '../config/merge-profile.ts';
import { OperationalError } from '../system/operational-error.ts';
import { printable } from '../terminal/printable.ts';

/** One database of several, as a profile or an inventory names it. */
export interface FleetEntry {
  /** What evidence, plans and people call it; no other has the same. */
  name: string;
  /** Rehearsals of it; null: those that are run where none is named. */
  rehearsals: string[] | null;
  /** How large it is, where somebody says so. */
  sizeBytes: number | null;
  /** Keys of the profile that count for it alone. */
  overrides: Overrides;
}

/**
 * Reads a list of databases. `database: 'shop'` and `backup: 'shop.dump'` stand for more. Pure.
 * @param from where it was read, for errors
 * @throws OperationalError PROFILE_INVALID with a line for each that cannot be used
 */
export function readEntries(list: unknown, from: string): FleetEntry[] {
  if (!Array.isArray(list)) throw invalid(from, [`it is no list, but ${describe(list)}`]);
  if (list.length === 0) throw invalid(from, ['no database is in it']);
  const problems: string[] = [];
  const entries: FleetEntry[] = [];
  const places = new Map<string, number>();
  for (const [index, raw] of list.entries()) {
    const read = readEntry(raw);
    const place = typeof read === 'string' ? undefined : places.get(read.name);
    if (typeof read === 'string') problems.push(`number ${index + 1}: ${read}`);
    else if (place !== undefined) problems.push(`numbers ${place} and ${index + 1} are both called "${read.name}"`);
    else {
      places.set(read.name, index + 1);
      entries.push(read);
    }
  }
  if (problems.length > 0) throw invalid(from, problems);
  return entries;
}

/** @returns what is wrong with it, where something is */
function readEntry(raw: unknown): FleetEntry | string {
  if (!isPlain(raw)) return `it is no object, but ${describe(raw)}`;
  const { name, rehearsals = null, sizeBytes = null, backup, ...overrides } = raw;
  if (typeof name !== 'string' || name === '') return 'it has no name: each needs one that no other has';
  const refuse = (problem: string) => `"${name}" ${problem}`;
  if (Buffer.byteLength(name) > longestName) return refuse(`has a name of more than ${longestName} bytes`);
  if (rehearsals !== null && !isTexts(rehearsals)) return refuse('takes a list of names under "rehearsals"');
  if (sizeBytes !== null && !isSize(sizeBytes)) return refuse('takes a number of bytes under "sizeBytes"');
  if (backup !== undefined && typeof backup !== 'string') return refuse('takes a text under "backup"');
  const key = ['databases', ...ofAll].find((each) => hasKey(overrides, each.split('.')));
  if (key !== undefined) return refuse(`cannot have "${key}" for itself: that is for all of them, in the profile`);
  const place = findUnplanned(overrides);
  if (place !== null) return refuse(`has something under "${place}" that no plan can hold: ${notJson}`);
  if (/^\w+:\/\/[^/]*:[^/]*@/.test(urlOf(overrides))) return refuse(noPassword);
  const whole = {
    ...overrides,
    database: databaseOf(name, overrides['database']),
    ...(backup !== undefined && { sources: { backup } }),
  };
  return { name, rehearsals, sizeBytes, overrides: whole };
}

const longestName = 200;

/** All of a plan have one place for their evidence, one signer and one who is told. */
const ofAll = [
  'evidence.directory',
  'evidence.signing',
  'evidence.metrics',
  'evidence.webhook',
  'evidence.heartbeat',
  'evidence.timestamp',
];

const notJson =
  'a plan is JSON. A function like app.env stands in the profile itself, where it is called with the database that is meant';
const noPassword =
  'has a password in database.url, which would stand in the plan: leave it out there, and set PGPASSWORD or write a passfile';

function databaseOf(name: string, given: unknown): Overrides {
  const own = typeof given === 'string' ? { name: given } : isPlain(given) ? given : {};
  const called = own['name'] ?? name;
  return { name: called, owner: called, ...own, alias: name };
}

function urlOf(overrides: Overrides): string {
  const { database } = overrides;
  return isPlain(database) && typeof database['url'] === 'string' ? database['url'] : '';
}

function hasKey(value: unknown, [key = '', ...rest]: string[]): boolean {
  if (!isPlain(value) || value[key] === undefined) return false;
  return rest.length === 0 || hasKey(value[key], rest);
}

/** Where something is that JSON would change or lose; null where nothing is. */
function findUnplanned(value: unknown, path: string[] = []): string | null {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : path.join('.');
  if (Array.isArray(value)) return firstOf(value.entries(), path);
  return isPlain(value) && isBare(value) ? firstOf(Object.entries(value), path) : path.join('.');
}

function firstOf(entries: Iterable<[string | number, unknown]>, path: string[]): string | null {
  for (const [key, value] of entries) {
    const found = value === undefined ? null : findUnplanned(value, [...path, String(key)]);
    if (found !== null) return found;
  }
  return null;
}

/** A profile may come from another realm. */
function isBare(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string' && each !== '');
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function describe(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

const shownAtMost = 20;

function invalid(from: string, problems: string[]): OperationalError {
  const shown = problems.slice(0, shownAtMost).map((problem) => `  - ${printable(problem)}`);
  const rest = problems.length > shownAtMost ? [`  and ${problems.length - shownAtMost} more`] : [];
  const message = `The list of databases in ${from} cannot be used:\n${[...shown, ...rest].join('\n')}`;
  return new OperationalError('PROFILE_INVALID', message);
}
