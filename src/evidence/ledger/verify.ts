import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseEvidence } from '../parse.ts';
import { hashOf, isRun, ledgerFile, type RunLine } from './line.ts';
import { listEvidenceDirectories } from './list-directories.ts';
import { readLedger, type LedgerProblem } from './read-ledger.ts';

/** What came of recomputing a directory of evidence. */
export interface VerifiedLedger {
  /** The first thing that is wrong, and where; null where nothing is. */
  problem: LedgerProblem | null;
  lines: number;
  adopted: number;
  /** The hash of the last line. */
  head: string | null;
}

export interface VerifyOptions {
  /** The hash of a line that somebody has kept elsewhere. */
  expectedHead: string | null;
}

/** Recomputes everything: the chain, the hash of every file, the schema, and whether line and evidence say the same. */
export async function verifyLedger(reports: string, { expectedHead }: VerifyOptions): Promise<VerifiedLedger> {
  const chain = await readLedger(reports);
  if (chain === null) {
    const message = `There is no ${ledgerFile} in ${reports}, or nothing in it.`;
    return { problem: { code: 'LEDGER_MISSING', message }, lines: 0, adopted: 0, head: null };
  }
  const { lines, hashes, problem } = chain;
  const adopted = lines.filter(({ kind }) => kind === 'adopted').length;
  const result = { lines: lines.length, adopted, head: hashes.at(-1) ?? null };
  return {
    ...result,
    problem: problem ?? findHead(hashes, expectedHead) ?? (await findChanged(reports, lines.filter(isRun))),
  };
}

function findHead(hashes: string[], expected: string | null): LedgerProblem | null {
  if (expected === null || hashes.includes(expected)) return null;
  const message = `No line has the hash ${expected}: the ledger was cut, changed, or is another one.`;
  return { code: 'HEAD_DIFFERS', message };
}

async function findChanged(reports: string, lines: RunLine[]): Promise<LedgerProblem | null> {
  for (const line of lines) {
    const problem = await checkEvidence(reports, line);
    if (problem !== null) return problem;
  }
  const added = await findAdded(reports);
  if (added === undefined) return null;
  const message = `${added} is in no line of ${ledgerFile}: it is older than the ledger, its run was killed before it could write the line, or somebody has put it there. Where it is what it should be, npm run evidence -- adopt takes it in.`;
  return { code: 'EVIDENCE_ADDED', message };
}

/** A run that ends right now writes its evidence first, and its line then. */
async function findAdded(reports: string, lookAgain = true): Promise<string | undefined> {
  const directories = await listEvidenceDirectories(reports);
  const known = new Set((await readLedger(reports))?.lines.filter(isRun).map(({ directory }) => directory));
  const added = directories.find((name) => !known.has(name));
  if (added === undefined || !lookAgain) return added;
  await delay(lookAgainMs);
  return findAdded(reports, false);
}

const lookAgainMs = 500;

async function checkEvidence(reports: string, line: RunLine): Promise<LedgerProblem | null> {
  const { directory, files } = line;
  const names = await readdir(join(reports, directory)).catch(() => null);
  if (names === null) return missing(line, 'the directory');
  for (const [name, expected] of Object.entries(files)) {
    const bytes = await readFile(join(reports, directory, name)).catch(() => null);
    if (bytes === null) return missing(line, name);
    if (hashOf(bytes) !== expected) {
      return {
        code: 'EVIDENCE_CHANGED',
        message: `${directory}/${name} was changed: its SHA-256 is not the one of line ${line.number}.`,
      };
    }
    if (name === 'evidence.json') {
      const problem = checkFields(line, bytes);
      if (problem !== null) return problem;
    }
  }
  const added = names.find((name) => !(name in files));
  if (added === undefined) return null;
  return { code: 'EVIDENCE_ADDED', message: `${directory}/${added} is in no line: somebody has put it there.` };
}

function missing({ directory, number }: RunLine, what: string): LedgerProblem {
  return { code: 'EVIDENCE_MISSING', message: `${what} of ${directory} is gone, which line ${number} has.` };
}

/** Whether the line says what the evidence says. */
function checkFields(line: RunLine, bytes: Buffer): LedgerProblem | null {
  const evidence = parseEvidence(bytes);
  const where = `${line.directory}/evidence.json`;
  if (evidence === null) return { code: 'EVIDENCE_INVALID', message: `${where} does not keep to its schema.` };
  const pairs: [string, unknown, unknown][] = [
    ['id', line.id, evidence.id],
    ['rehearsal', line.rehearsal, evidence.rehearsal],
    ['verdict', line.verdict, evidence.verdict],
    ['database', line.database, evidence.about?.database ?? null],
    ...(line.kind === 'run' ? [['previous', line.previous, evidence.previous] as [string, unknown, unknown]] : []),
  ];
  const differing = pairs.find(([, said, written]) => said !== written);
  if (differing === undefined) return null;
  const [name, said, written] = differing;
  const message = `Line ${line.number} says ${name} ${String(said)}, and ${where} says ${String(written)}.`;
  return { code: 'LINE_CHANGED', message };
}
