import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../../system/durable.ts';
import { LockHeld, removeDeadLock, withFileLock } from '../../system/file-lock.ts';
import { OperationalError } from '../../system/operational-error.ts';
import {
  hashOf,
  isRun,
  ledgerFile,
  ledgerLine,
  parseLine,
  serializeLine,
  type LedgerLine,
  type NoteLine,
  type RunLine,
} from './line.ts';

/** Where a ledger ends. */
export interface LedgerEnd {
  /** The hash of the last line; null where there is none. */
  head: string | null;
  /** How many lines there are. */
  lines: number;
}

/** What a run, or a note, adds to the ledger. The rest of its line follows from where it ends. */
export type NewLine = WithoutPlace<RunLine> | WithoutPlace<NoteLine>;

type WithoutPlace<Line> = Omit<Line, 'ledgerVersion' | 'number' | 'previous' | 'cutBytes'>;

/** A ledger that nobody else writes to. */
export interface OpenLedger {
  readonly end: LedgerEnd;
  /** The last run of this database and rehearsal that was there when it was opened, with what can be read of it. */
  lastRunOf(drill: Pick<RunLine, 'database' | 'rehearsal'>): RunLine | null;
  append(line: NewLine): Promise<LedgerEnd>;
  /** Removes what a killed writer has left of a line, where none is appended. Resolves with how many bytes that was. */
  removeCut(): Promise<number>;
}

/** Longer than a run may take to have its evidence signed and stamped. */
const patienceMs = 180_000;

/**
 * Opens the ledger of a directory, for one process at a time. A line whose writer was killed in the middle of it is removed by the
 * next one, which says so.
 * @throws OperationalError EVIDENCE_NOT_WRITTEN where another process holds it for too long
 */
export async function withLedger<T>(reports: string, use: (ledger: OpenLedger) => Promise<T>): Promise<T> {
  const lock = lockOf(reports);
  try {
    return await withFileLock(lock, patienceMs, async () => use(await openLedger(reports)));
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error;
    const message = `Another run has been writing to ${join(reports, ledgerFile)} for three minutes. If none is there any more, on another machine say, remove ${lock}, and start again.`;
    throw new OperationalError('EVIDENCE_NOT_WRITTEN', message, { cause: error });
  }
}

const lockOf = (reports: string) => join(reports, `.${ledgerFile}.lock`);

/** Removes what a killed run has left of its turn. Every run does so, too. */
export async function removeDeadTurn(reports: string): Promise<void> {
  await removeDeadLock(lockOf(reports));
}

async function openLedger(reports: string): Promise<OpenLedger> {
  const path = join(reports, ledgerFile);
  const bytes = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return Buffer.alloc(0);
  });
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = wholeBytes === 0 ? [] : splitLines(bytes.subarray(0, wholeBytes - 1));
  const last = lines.at(-1);
  const ledger = {
    end: { head: last === undefined ? null : hashOf(last), lines: lines.length },
    cutBytes: bytes.length - wholeBytes,
    sizeBytes: wholeBytes,
    lastNumber: numberOf(last, lines.length),
  };
  return {
    get end() {
      return ledger.end;
    },
    lastRunOf: (drill) => findLastRun(lines, drill),
    async append(line) {
      const { end, cutBytes } = ledger;
      const whole: LedgerLine = {
        ledgerVersion: 1,
        number: (ledger.lastNumber += 1),
        previous: end.head,
        ...line,
        ...(cutBytes > 0 && { cutBytes }),
      };
      const text = serializeLine(ledgerLine.parse(whole));
      await writeAt(path, ledger.sizeBytes, `${text}\n`);
      await syncDirectory(reports);
      ledger.cutBytes = 0;
      ledger.sizeBytes += Buffer.byteLength(text) + 1;
      ledger.end = { head: hashOf(text), lines: end.lines + 1 };
      return ledger.end;
    },
    async removeCut() {
      const { cutBytes, sizeBytes } = ledger;
      if (cutBytes > 0) await writeAt(path, sizeBytes, '');
      ledger.cutBytes = 0;
      return cutBytes;
    },
  };
}

/** From the end: the one that is looked for is near it, and a ledger may have many thousand lines. */
function findLastRun(lines: Buffer[], { database, rehearsal }: Pick<RunLine, 'database' | 'rehearsal'>) {
  for (const text of lines.toReversed()) {
    const line = parseLine(text);
    if (line !== null && isRun(line) && line.database === database && line.rehearsal === rehearsal) return line;
  }
  return null;
}

/** What was changed by hand stays as it is, and goes on being found: bad news has to be written all the same. */
function numberOf(line: Buffer | undefined, lines: number): number {
  return line === undefined ? 0 : (parseLine(line)?.number ?? lines);
}

/** Bytes, as they are hashed. Pure. */
export function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start <= bytes.length;) {
    const end = bytes.indexOf(0x0a, start);
    lines.push(bytes.subarray(start, end === -1 ? bytes.length : end));
    if (end === -1) break;
    start = end + 1;
  }
  return lines;
}

/** In place of whatever stands there. What cannot be written whole is taken back. */
async function writeAt(path: string, position: number, text: string): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.truncate(position);
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (error) {
      await file.truncate(position).catch(() => undefined);
      throw error;
    }
  } finally {
    await file.close();
  }
}
