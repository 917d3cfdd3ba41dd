import { isNote, isRun, type LedgerLine, type NoteLine } from './ledger/line.ts';

/** A note in words, with the run that it names. Nothing here is escaped: each rendering escapes for itself. */
export interface DescribedNote {
  what: string;
  by: string;
  at: string;
  action: string | null;
  text: string | null;
  /** The directory of the re-test, and what came of it. */
  retest: string | null;
  /** The fingerprint of the key that it says it is signed with; null where it is not signed. */
  signedBy: string | null;
}

/** The notes on a run, the oldest first. Pure. */
export function notesOn(lines: LedgerLine[], run: string): DescribedNote[] {
  return lines
    .filter(isNote)
    .filter(({ about }) => about === run)
    .map((note) => describe(note, lines));
}

function describe(note: NoteLine, lines: LedgerLine[]): DescribedNote {
  const { by, writtenAt: at, action, text, signature } = note;
  const retest = lines.filter(isRun).find(({ id }) => id === note.retest);
  return {
    ...{ what: kindsOf(note).join(', '), by, at, action, text },
    retest: retest === undefined ? null : `${retest.directory}: ${retest.verdict}`,
    signedBy: signature?.key ?? null,
  };
}

function kindsOf({ action, retest, signOff, retires }: NoteLine): string[] {
  const kinds = [
    action !== null && 'corrective action',
    retest !== null && 're-test',
    signOff && 'reviewed and signed off',
    retires && 'retired: not to be rehearsed this way any more',
  ].filter((kind) => kind !== false);
  return kinds.length === 0 ? ['remark'] : kinds;
}
