import { randomUUID } from 'node:crypto';
import { OperationalError } from '../../system/operational-error.ts';
import { signNote, type NoteContent } from '../sign/sign-note.ts';
import type { Signer } from '../sign/signer.ts';
import { withLedger, type LedgerEnd } from './append.ts';
import { findRun } from './find-run.ts';
import { isRun, type RunLine } from './line.ts';
import { readLedger } from './read-ledger.ts';

/** What somebody has to say of a run. The runs are named as findRun has it. */
export interface Note {
  about: string;
  by: string;
  action: string | null;
  text: string | null;
  retest: string | null;
  signOff: boolean;
  retires: boolean;
}

/** What was noted, and on which run. */
export interface Noted {
  note: NoteContent;
  run: RunLine;
  /** The fingerprint of the key that it is signed with; null where it is not. */
  signedBy: string | null;
  end: LedgerEnd;
}

/**
 * Adds a note to the ledger. Evidence never changes: what was done about it, and who has reviewed it, is a line of its own.
 * @throws OperationalError BAD_USAGE where a run is not there; LEDGER_BROKEN; KEY_NOT_USABLE
 */
export async function addNote(reports: string, given: Note, signer: Signer | null, now = new Date()): Promise<Noted> {
  return withLedger(reports, async (ledger) => {
    const runs = await readRuns(reports);
    const run = findRun(runs, given.about);
    const retest = given.retest === null ? null : findRun(runs, given.retest);
    if (retest !== null && retest.number <= run.number) {
      const message = `${retest.directory} is no re-test of ${run.directory}: it did not run after it.`;
      throw new OperationalError('BAD_USAGE', message);
    }
    const { by, action, text, signOff, retires } = given;
    const note = {
      kind: 'note' as const,
      ...{ id: randomUUID(), about: run.id, evidence: run.files['evidence.json'] ?? '', by, action, text },
      ...{ retest: retest?.id ?? null, signOff, retires, writtenAt: now.toISOString() },
    };
    const signature = signer === null ? null : await signNote(note, signer);
    return { note, run, signedBy: signature?.key ?? null, end: await ledger.append({ ...note, signature }) };
  });
}

async function readRuns(reports: string): Promise<RunLine[]> {
  const chain = await readLedger(reports);
  if (chain === null) throw new OperationalError('BAD_USAGE', `There is no run in the ledger of ${reports} yet.`);
  const { lines, problem } = chain;
  // What was cut off is removed with the line that is written now.
  if (problem !== null && problem.code !== 'LINE_CUT') {
    const message = `${problem.message} Nothing was noted. Find out who changed the ledger, and bring back a copy of it.`;
    throw new OperationalError('LEDGER_BROKEN', message);
  }
  return lines.filter(isRun);
}
