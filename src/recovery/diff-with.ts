import { OperationalError } from '../system/operational-error.ts';
import { finishedStates, type Mark } from './marks.ts';
import type { MarkedDatabase } from './plan.ts';

type Marked = MarkedDatabase & { mark: Mark };

/** What is asked to be compared with the live database. */
export interface Comparison {
  live: string;
  /** The name of the other database; null for the one that was exchanged with the live one, or else restored beside it. */
  name: string | null;
  /** SHA-256 of the dump that was restored into it; null for any. */
  backup: string | null;
}

/**
 * The database that the live one is compared with: the one that is named; else the one that was restored of the backup; else
 * the one that was live before it, or meanwhile; else the only one that was restored beside it. Pure.
 * @throws OperationalError BAD_USAGE where there is none, or it is not clear which
 */
export function chooseOther(databases: MarkedDatabase[], { live, name, backup }: Comparison): Marked {
  const all = databases.filter((each): each is Marked => isComparable(each, live));
  const restored = all.filter(({ mark }) => finishedStates.some((state) => state === mark.state));
  if (name !== null)
    return only(
      all,
      all.filter((each) => each.name === name),
      live,
    );
  if (backup !== null)
    return only(
      all,
      restored.filter(({ mark }) => mark.backup === backup),
      live,
    );
  const current = databases.find((each) => each.name === live)?.oid;
  const exchanged = all.filter(({ mark }) => exchangedWith(mark) === current).toSorted(byTime);
  return exchanged[0] ?? only(all, restored, live);
}

/** Since when the rows were written that somebody may look for; null where nobody noted that, or they are of the live one. Pure. */
export function sinceOf({ mark }: Marked): string | null {
  return mark.state === 'rolled-back' ? (mark.since ?? null) : null;
}

function isComparable({ name, mark, unfinished }: MarkedDatabase, live: string): boolean {
  return mark !== null && mark.database === live && name !== live && !unfinished && mark.state !== 'unfinished';
}

/** The oid of the database that took its name, or took it back. */
function exchangedWith(mark: Mark): string | null {
  if (mark.state === 'kept') return mark.successor;
  return mark.state === 'rolled-back' ? mark.predecessor : null;
}

function byTime(a: Marked, b: Marked): number {
  return timeOf(b.mark).localeCompare(timeOf(a.mark));
}

function timeOf(mark: Mark): string {
  if (mark.state === 'kept') return mark.replacedAt;
  return mark.state === 'rolled-back' ? mark.rolledBackAt : '';
}

function only(all: Marked[], found: Marked[], live: string): Marked {
  const [first, ...more] = found;
  if (first !== undefined && more.length === 0) return first;
  const names = (more.length > 0 ? found : all).map((each) => each.name).join(', ');
  const problem =
    first === undefined
      ? `There is no such database beside ${live} to compare it with.`
      : `Several databases could be compared with ${live}.`;
  const there = names === '' ? 'Restore a backup beside it first.' : `Name one with --with NAME: ${names}.`;
  throw new OperationalError('BAD_USAGE', `${problem} ${there}`);
}
