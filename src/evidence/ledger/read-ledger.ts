import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { splitLines } from './append.ts';
import { hashOf, isRun, ledgerFile, parseLine, type LedgerLine, type NoteLine } from './line.ts';
import type { LedgerProblem } from './problem.ts';

/** The lines of a ledger, as far as each follows from the one before. */
export interface Chain {
  lines: LedgerLine[];
  hashes: string[];
  problem: LedgerProblem | null;
}

/** Reads the ledger of a directory; null where there is none. */
export async function readLedger(reports: string): Promise<Chain | null> {
  const bytes = await readFile(join(reports, ledgerFile)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return Buffer.alloc(0);
  });
  return bytes.length === 0 ? null : readChain(bytes);
}

/** Pure. */
export function readChain(bytes: Buffer): Chain {
  const chain: Chain = { lines: [], hashes: [], problem: null };
  const whole = bytes.at(-1) === 0x0a;
  const texts = splitLines(whole ? bytes.subarray(0, -1) : bytes);
  for (const [index, text] of texts.entries()) {
    const isCut = !whole && index === texts.length - 1;
    chain.problem = isCut ? cut(index + 1, text) : addLine(chain, index + 1, text);
    if (chain.problem !== null) break;
  }
  return chain;
}

function cut(place: number, { length }: Buffer): LedgerProblem {
  const message = `Line ${place} of ${ledgerFile} was cut off after ${length} bytes: its writer was killed. The next run removes what is left of it, and says so.`;
  return { code: 'LINE_CUT', message };
}

function addLine({ lines, hashes }: Chain, place: number, text: Buffer): LedgerProblem | null {
  const line = parseLine(text);
  const where = `Line ${place} of ${ledgerFile}`;
  if (line === null) return { code: 'LINE_UNREADABLE', message: `${where} is no line that is written here.` };
  const expected = (lines.at(-1)?.number ?? 0) + 1;
  const { number, previous } = line;
  if (number > expected) {
    const message = `${where} has the number ${number}, where ${expected} was to come: ${count(number - expected, 'run')} before ${nameOf(line)} ${number - expected === 1 ? 'was' : 'were'} removed.`;
    return { code: 'LINE_MISSING', message };
  }
  if (number < expected) {
    const message = `${where} has the number ${number}, where ${expected} was to come: lines were put into another order, or written twice.`;
    return { code: 'LINE_MOVED', message };
  }
  const before = hashes.at(-1) ?? null;
  if (previous !== before) {
    const message =
      before === null
        ? `${where} follows a line that is not there: the start of the ledger was removed.`
        : `Line ${place - 1} of ${ledgerFile} (${nameOf(lines.at(-1))}) was changed: its hash is not the one that the line after it has.`;
    return { code: before === null ? 'LINE_MISSING' : 'LINE_CHANGED', message };
  }
  const wrong = isRun(line) ? null : findWrongNote(lines, line, where);
  if (wrong !== null) return wrong;
  lines.push(line);
  hashes.push(hashOf(text));
  return null;
}

/** A note is about runs that were there when it was written. */
function findWrongNote(lines: LedgerLine[], note: NoteLine, where: string): LedgerProblem | null {
  const problem = (message: string): LedgerProblem => ({ code: 'NOTE_WRONG', message: `${where} ${message}` });
  const runOf = (id: string) => lines.filter(isRun).find((line) => line.id === id);
  const about = runOf(note.about);
  if (about === undefined) return problem(`is a note on the run ${note.about}, which no line before it has.`);
  if (about.files['evidence.json'] !== note.evidence) {
    return problem(`is a note on other evidence than line ${about.number} has: the SHA-256 of evidence.json differs.`);
  }
  const retest = note.retest === null ? about : runOf(note.retest);
  if (retest === undefined)
    return problem(`names the run ${note.retest ?? ''} as a re-test, which no line before it has.`);
  if (lines.some(({ id }) => id === note.id)) return problem(`has the id ${note.id} of a line before it.`);
  return null;
}

function nameOf(line: LedgerLine | undefined): string {
  if (line === undefined) return '';
  return isRun(line) ? line.directory : `a note on ${line.about}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
