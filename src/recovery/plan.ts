import { OperationalError } from '../system/operational-error.ts';
import { finishedStates, type Mark } from './marks.ts';
import { firstName, keptName, partName, restoreName } from './names.ts';

/** A database of the server, and what it says of itself. */
export interface MarkedDatabase {
  oid: string;
  name: string;
  mark: Mark | null;
  /** Whether creating it was ended before it could be marked (see carry-over.ts), or dropping it before it was gone. */
  unfinished: boolean;
  /** Whether another session works in it. */
  inUse: boolean;
}

/** Which backup is to be restored beside which database. */
export interface Wanted {
  live: string;
  /** SHA-256 of the dump. */
  backup: string;
  takenAt: Date;
  /** Which part of it; all of it, if left out. */
  part?: string | undefined;
}

type With<State extends Mark['state']> = MarkedDatabase & { mark: Extract<Mark, { state: State }> };

/** Where a backup goes. */
export interface Destination {
  name: string;
  /** What is there: nothing, what has to be dropped first, or the backup itself. */
  found: 'nothing' | 'unfinished' | 'finished';
  /** Databases that would have been in the way, and why they are left alone. */
  passedOver: { name: string; why: string }[];
}

/**
 * Where a backup goes: a database that holds all of it is used again, whatever came of comparing it; one whose restore was
 * cut short is dropped first. What is ours but holds something else, or is looked into, is passed over for the next name. Pure.
 * @throws OperationalError DATABASE_NAME_TAKEN where somebody else's database has the name
 */
export function planRestore(databases: MarkedDatabase[], wanted: Wanted): Destination {
  const passedOver: Destination['passedOver'] = [];
  let found: Destination['found'] = 'nothing';
  const name = firstName(
    (attempt) => (wanted.part === undefined ? restoreName : partName)(wanted.live, wanted.takenAt, attempt),
    (each) => {
      const there = databases.find((database) => database.name === each);
      const use = there === undefined ? 'nothing' : judge(there, wanted);
      if (typeof use === 'object') passedOver.push({ name: each, ...use });
      else found = use;
      return typeof use === 'string';
    },
  );
  return { name, found, passedOver };
}

function judge(there: MarkedDatabase, { live, backup, part }: Wanted): 'unfinished' | 'finished' | { why: string } {
  const { name, mark, unfinished, inUse } = there;
  if (mark === null && !unfinished) throw nameTaken(name);
  if (mark !== null && (mark.database !== live || mark.backup !== backup)) return { why: 'it is of another backup' };
  if (mark !== null && mark.part !== part) return { why: 'it holds another part of the backup' };
  if (mark === null || unfinished || mark.state === 'unfinished') {
    return inUse ? { why: 'its restore was cut short, but somebody is connected to it' } : 'unfinished';
  }
  if (isFinished(mark.state)) return 'finished';
  if (mark.state === 'restoring') return { why: 'an older version has not noted whether its restore was cut short' };
  return { why: 'it was live' };
}

function isFinished(state: Mark['state']): boolean {
  return finishedStates.some((each) => each === state);
}

/**
 * The database that was kept when the backup became live; null where it is not live. One that was restored anew since then
 * and is waiting beside it is what somebody wants to switch to now. Pure.
 */
export function findSwitched(databases: MarkedDatabase[], { live, backup }: Wanted): { kept: string | null } | null {
  const current = databases.find(({ name }) => name === live);
  const waiting = ofState(databases, live, 'verified').some(
    ({ name, mark }) => name !== live && mark.backup === backup && mark.part === undefined,
  );
  if (current === undefined || waiting) return null;
  // Names can be exchanged by hand: it keeps the mark that it had then.
  const isLive = current.mark?.state === 'live' || current.mark?.state === 'verified';
  if (isLive && current.mark?.backup === backup) return { kept: null };
  const kept = ofState(databases, live, 'kept').find(
    ({ mark }) => mark.successor === current.oid && mark.backup === backup,
  );
  return kept === undefined ? null : { kept: kept.name };
}

/** A database that was live, and until when. */
export interface Kept {
  name: string;
  replacedAt: Date;
}

/** What a rollback does. */
export type Rollback = (
  | { kind: 'done'; putAside: string }
  /** `current` is what is live until then; null where nothing is. */
  | { kind: 'exchange'; kept: With<'kept'>; current: { oid: string; putAside: string } | null }
) & {
  /** What was live at other times and is kept as well, the newest first. */
  others: Kept[];
};

/**
 * Which kept database takes its place again. Pure.
 * @param to the one that is asked for; null for the one that the live one has replaced
 * @throws OperationalError NOTHING_KEPT where there is none whose successor is live, or none of that name
 */
export function planRollback(databases: MarkedDatabase[], live: string, to: string | null): Rollback {
  const current = databases.find(({ name }) => name === live);
  const undone = ofState(databases, live, 'rolled-back').find(({ mark }) => mark.predecessor === current?.oid);
  const all = ofState(databases, live, 'kept').toSorted((a, b) => b.mark.replacedAt.localeCompare(a.mark.replacedAt));
  const othersThan = (chosen: MarkedDatabase | null) =>
    all.filter((each) => each !== chosen).map(({ name, mark }) => ({ name, replacedAt: new Date(mark.replacedAt) }));
  if (undone !== undefined && to === null) return { kind: 'done', putAside: undone.name, others: othersThan(null) };
  const kept = all.find(({ name, mark }) =>
    to === null ? current === undefined || mark.successor === current.oid : name === to,
  );
  if (kept === undefined) throw nothingKept(all, live, to);
  const others = othersThan(kept);
  if (current === undefined) return { kind: 'exchange', kept, current: null, others };
  const putAside = firstName(
    (attempt) => restoreName(live, new Date(kept.mark.takenAt), attempt),
    (name) => isFree(databases, name),
  );
  return { kind: 'exchange', kept, current: { oid: current.oid, putAside }, others };
}

/** The name that the live database gets when another takes its place. Pure. */
export function planKeptName(databases: MarkedDatabase[], live: string, now: Date): string {
  return firstName(
    (attempt) => keptName(live, now, attempt),
    (name) => isFree(databases, name),
  );
}

function isFree(databases: MarkedDatabase[], wanted: string): boolean {
  return databases.every(({ name }) => name !== wanted);
}

function ofState<State extends Mark['state']>(databases: MarkedDatabase[], live: string, state: State) {
  return databases.filter(
    (database): database is With<State> => database.mark?.state === state && database.mark.database === live,
  );
}

function nameTaken(name: string): OperationalError {
  const message = `There is a database ${name} on the server that was not made here, and it is not touched. Rename it, or drop it if nobody needs it, and start again.`;
  return new OperationalError('DATABASE_NAME_TAKEN', message);
}

function nothingKept(all: MarkedDatabase[], live: string, to: string | null): OperationalError {
  const kept = all.map(({ name }) => name).join(', ');
  const there =
    kept === '' ? 'None is kept.' : `These are kept, the newest first: ${kept}. Choose one with --rollback --to NAME.`;
  const what =
    to === null ? `There is no database that the ${live} of now has replaced.` : `${to} is not kept for ${live}.`;
  const message = `${what} Nothing was done. ${there}`;
  return new OperationalError('NOTHING_KEPT', message);
}
