import { setTimeout as delay } from 'node:timers/promises';
import { checkBundles, type Proof } from './check-bundles.ts';
import { checkEvidence } from './check-evidence.ts';
import { checkNote } from './check-note.ts';
import { isRun, ledgerFile, type LedgerLine, type RunLine } from './line.ts';
import { listEvidenceDirectories } from './list-directories.ts';
import type { LedgerProblem } from './problem.ts';
import { isWithin, type Period } from '../period.ts';
import { readLedger } from './read-ledger.ts';
import { trustNobody, type Trust } from './trust.ts';
import { typedAnywhere } from '../../terminal/suggest.ts';

/** What came of recomputing a directory of evidence. */
export interface VerifiedLedger {
  /** The first thing that is wrong, and where; null where nothing is. */
  problem: LedgerProblem | null;
  lines: number;
  runs: number;
  notes: number;
  adopted: number;
  /** The hash of the last line. */
  head: string | null;
  /** Runs with a signature; by fingerprint those whose key is trusted. All of it counts up to the first thing that is wrong. */
  signed: number;
  signedBy: Record<string, number>;
  stamped: number;
}

export interface VerifyOptions {
  /** The hash of a line that somebody has kept elsewhere. */
  expectedHead: string | null;
  trust?: Trust;
  /** Where only the evidence of a period is at hand, as in a package for auditors: runs outside of it need to have none. */
  period?: Period | null;
}

/**
 * Recomputes everything: the chain, the hash of every file, the schema, whether line and evidence say the same, and, of keys and
 * certificates that are trusted, signatures and time stamps.
 */
export async function verifyLedger(
  reports: string,
  { expectedHead, trust = trustNobody, period = null }: VerifyOptions,
): Promise<VerifiedLedger> {
  const none = { signed: 0, signedBy: {}, stamped: 0 };
  const chain = await readLedger(reports);
  if (chain === null) {
    const message = `There is no ${ledgerFile} in ${reports}, or nothing in it.`;
    return {
      problem: { code: 'LEDGER_MISSING', message },
      lines: 0,
      runs: 0,
      notes: 0,
      adopted: 0,
      head: null,
      ...none,
    };
  }
  const { lines, hashes, problem } = chain;
  const adopted = lines.filter(({ kind }) => kind === 'adopted').length;
  const runs = lines.filter(isRun).length;
  const counts = { lines: lines.length, runs, notes: lines.length - runs, adopted };
  const result = { ...counts, head: hashes.at(-1) ?? null };
  const wrong = problem ?? findHead(hashes, expectedHead);
  if (wrong !== null) return { ...result, problem: wrong, ...none };
  const asked = lines.filter((line) => !isRun(line) || period === null || isWithin(line, period));
  const checked = await checkRuns(reports, asked, trust);
  return { ...result, ...checked, problem: checked.problem ?? (await findAdded(reports)) };
}

function findHead(hashes: string[], expected: string | null): LedgerProblem | null {
  if (expected === null || hashes.includes(expected)) return null;
  const message = `No line has the hash ${expected}: the ledger was cut, changed, or is another one.`;
  return { code: 'HEAD_DIFFERS', message };
}

type CheckedRuns = Pick<VerifiedLedger, 'problem' | 'signed' | 'signedBy' | 'stamped'>;

/** So many directories are read at the same time. */
const atOnce = 32;

async function checkRuns(reports: string, lines: LedgerLine[], trust: Trust): Promise<CheckedRuns> {
  const checked: CheckedRuns = { problem: null, signed: 0, signedBy: {}, stamped: 0 };
  for (let start = 0; start < lines.length; start += atOnce) {
    const some = lines.slice(start, start + atOnce);
    const proofs = await Promise.all(some.map((line) => checkLine(reports, line, trust)));
    for (const [index, proof] of proofs.entries()) {
      if (proof === null) continue;
      const line = some[index] as RunLine;
      checked.problem = 'code' in proof ? proof : findUnsigned(line, proof, trust, checked.signed);
      if (checked.problem !== null || 'code' in proof) return checked;
      checked.signed += Number(proof.isSigned);
      checked.stamped += Number(proof.isStamped);
      if (proof.signedBy !== null) checked.signedBy[proof.signedBy] = (checked.signedBy[proof.signedBy] ?? 0) + 1;
    }
  }
  const isUnsigned = ({ number }: LedgerLine) => !trust.acceptUnsigned.has(number);
  if (trust.keys.length > 0 && checked.signed === 0 && lines.filter(isRun).some(isUnsigned)) {
    return { ...checked, problem: { code: 'SIGNATURE_MISSING', message: 'No run is signed, and a key was given.' } };
  }
  return checked;
}

/** @returns null for a note in which nothing is wrong */
async function checkLine(reports: string, line: LedgerLine, trust: Trust): Promise<Proof | LedgerProblem | null> {
  if (!isRun(line)) return checkNote(line, trust);
  const evidence = checkEvidence(reports, line);
  return 'code' in evidence ? evidence : checkBundles(line, evidence, trust);
}

/** Whoever has no key could put an unsigned run in the place of a signed one. */
function findUnsigned(
  { directory, number }: RunLine,
  { isSigned }: Proof,
  { keys, requireSignatures, acceptUnsigned }: Trust,
  signedBefore: number,
): LedgerProblem | null {
  const isRequired = requireSignatures || (keys.length > 0 && signedBefore > 0);
  if (isSigned || !isRequired || acceptUnsigned.has(number)) return null;
  const why = requireSignatures ? 'every run has to be' : 'runs before it are';
  const message = `${directory} is not signed, and ${why}. Where you know the reason, say --accept-unsigned ${number}.`;
  return { code: 'SIGNATURE_MISSING', message };
}

async function findAdded(reports: string): Promise<LedgerProblem | null> {
  const added = await findDirectory(reports);
  if (added === undefined) return null;
  const message = `${added} is in no line of ${ledgerFile}: it is older than the ledger, its run was killed before it could write the line, or somebody has put it there. Where it is what it should be, ${typedAnywhere('evidence adopt')} takes it in.`;
  return { code: 'EVIDENCE_ADDED', message };
}

/** A run that ends right now writes its evidence first, and its line then. */
async function findDirectory(reports: string, lookAgain = true): Promise<string | undefined> {
  const directories = await listEvidenceDirectories(reports);
  const known = new Set((await readLedger(reports))?.lines.filter(isRun).map(({ directory }) => directory));
  const added = directories.find((name) => !known.has(name));
  if (added === undefined || !lookAgain) return added;
  await delay(lookAgainMs);
  return findDirectory(reports, false);
}

const lookAgainMs = 500;
