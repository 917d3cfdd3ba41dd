import type { PassedOver } from '../choose-backup.ts';
import { readOthersName, type OthersName } from './read-name.ts';

/** A file that may be a backup, wherever it lies. */
export interface Candidate {
  /** Relative to where it was looked for. */
  path: string;
  sizeBytes: number;
  /** When it was last changed; null where nobody says. */
  changedAt: Date | null;
  /** What the header of the dump says, where it could be read and has one. */
  header: { database: string | null; madeAt: Date | null } | null;
}

/** A candidate with what its name says, and when it was taken. */
export interface Dated<Each extends Candidate = Candidate> {
  candidate: Each;
  name: OthersName;
  takenAt: Date;
  /** For people: what says so. */
  by: string;
}

export interface CandidateChoice<Each extends Candidate> {
  chosen: Dated<Each> | null;
  /** Newer ones, or of another kind, with the reason. Older ones are only counted. */
  passedOver: PassedOver[];
  older: number;
}

/** What the name of a file says that is still written, or fetched. */
const unfinished = /\.(?:tmp|temp|part|partial|filepart|crdownload|inprogress|in_progress|incomplete|lock)$|^~|~$/i;
/** Roles of a server, or all its databases. */
const ofServer = /(?:^|[._/-])(?:all|globals?|roles|pg_?dumpall|all-?databases|cluster)(?:[._-]|$)/i;

/** Chooses the newest that is of a database, by names, headers and times of files. Pure. */
export function chooseCandidate<Each extends Candidate>(
  candidates: readonly Each[],
  { database, now }: { database: string; now: Date },
): CandidateChoice<Each> {
  const dated = candidates.map((candidate) => date(candidate, database)).toSorted(newestFirst);
  // Where some say that they are of this database, one that says nothing is of another.
  const someSay = dated.some((each) => isOf(each, database) === 'this');
  const passedOver: PassedOver[] = [];
  for (const [place, each] of dated.entries()) {
    const reason = whyNot(each, { database, now, someSay });
    if (reason === null) return { chosen: each, passedOver, older: dated.length - place - 1 };
    passedOver.push({ stem: each.candidate.path, ...reason });
  }
  return { chosen: null, passedOver, older: 0 };
}

/** When a backup was taken: by its name, else by its own header, else by the file. Pure. */
export function date<Each extends Candidate>(candidate: Each, database: string): Dated<Each> {
  const name = readOthersName(candidate.path, database);
  const { time } = name;
  const times = [
    { at: candidate.header?.madeAt ?? null, by: 'the archive, its time taken for UTC' },
    { at: candidate.changedAt, by: 'the last change of the file' },
  ].flatMap(({ at, by }) => (at === null ? [] : [{ at, by }]));
  if (time?.precision === 'second') {
    const by = time.saysZone ? 'the name of the file' : 'the name of the file, its time taken for UTC';
    return { candidate, name, takenAt: time.takenAt, by };
  }
  const [first] = time === null ? times : times.filter(({ at }) => isOfDay(at, time.takenAt));
  if (first !== undefined) return { candidate, name, takenAt: first.at, by: first.by };
  // The start of the day: rather too old than too new.
  const by = time === null ? 'nothing' : 'the name of the file, which says the day alone';
  return { candidate, name, takenAt: time?.takenAt ?? new Date(0), by };
}

const hourMs = 60 * 60_000;

/** Days begin at other times elsewhere. */
function isOfDay(at: Date, day: Date): boolean {
  const sinceStart = at.getTime() - day.getTime();
  return sinceStart >= -14 * hourMs && sinceStart < (24 + 14) * hourMs;
}

function isOf({ candidate, name }: Dated, database: string): OthersName['isOf'] {
  // Where no database is asked for, that of the newest is.
  if (database === '') return 'unknown';
  const said = candidate.header?.database ?? null;
  if (said === null) return name.isOf;
  return said === database ? 'this' : 'other';
}

function whyNot(
  each: Dated,
  { database, now, someSay }: { database: string; now: Date; someSay: boolean },
): Pick<PassedOver, 'reason' | 'isOther'> | null {
  const { path } = each.candidate;
  const said = each.candidate.header?.database ?? null;
  const of = isOf(each, database);
  if (unfinished.test(path)) return { reason: 'its name says that it is not finished' };
  if (said !== null && of === 'other') return { reason: `it is a dump of the database ${said}`, isOther: true };
  if (ofServer.test(path) && of !== 'this') {
    return { reason: 'its name says that it is of the whole server, or of its roles', isOther: true };
  }
  if (of === 'other') return { reason: `its name does not say ${database}`, isOther: true };
  if (of === 'unknown' && someSay) {
    return { reason: `its name does not say ${database} alone, as others do`, isOther: true };
  }
  return each.takenAt > now ? { reason: 'its name says a time that is still to come' } : null;
}

function newestFirst(a: Dated, b: Dated): number {
  return b.takenAt.getTime() - a.takenAt.getTime() || (a.candidate.path < b.candidate.path ? 1 : -1);
}
