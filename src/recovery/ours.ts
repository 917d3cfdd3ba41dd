import { OperationalError } from '../system/operational-error.ts';
import type { Mark } from './marks.ts';
import type { MarkedDatabase } from './plan.ts';

/** A database that is about to be changed, and what it has to be for that. */
export interface Changed {
  live: string;
  name: string;
  states: Mark['state'][];
  /** Of which backup it has to be, where it says so at all. */
  backup?: string | undefined;
}

/**
 * Sees to it that a database was made here, beside the live one. Pure.
 * @returns its mark
 * @throws OperationalError NOT_DISPOSABLE
 */
export function assertOurs(databases: MarkedDatabase[], { live, name, states, backup }: Changed): Mark | null {
  const there = databases.find((database) => database.name === name);
  const mark = there?.mark ?? null;
  const state = there?.unfinished === true ? 'unfinished' : mark?.state;
  const isOurs = mark === null || (mark.database === live && (backup ?? mark.backup) === mark.backup);
  if (name !== live && isOurs && state !== undefined && states.includes(state)) return mark;
  throw new OperationalError('NOT_DISPOSABLE', `Refused to change the database ${name}: it was not made here.`);
}

/**
 * A part of a backup never takes the place of a live database. Pure.
 * @throws OperationalError NOT_DISPOSABLE
 */
export function assertWhole(databases: MarkedDatabase[], name: string): void {
  if (databases.find((database) => database.name === name)?.mark?.part === undefined) return;
  const message = `Refused to switch to the database ${name}: it holds a part of a backup.`;
  throw new OperationalError('NOT_DISPOSABLE', message);
}
