import { isRun, type RunLine } from '../evidence/ledger/line.ts';
import { checkEvidence } from '../evidence/ledger/check-evidence.ts';
import type { LedgerProblem } from '../evidence/ledger/problem.ts';
import { readLedger } from '../evidence/ledger/read-ledger.ts';
import type { Found } from './conclude.ts';

/** A run of a plan in a directory of evidence, with its line there. */
export interface FoundRun extends Found {
  line: RunLine;
}

/** What a directory of evidence has of one plan. */
export interface FoundRuns {
  /** Of single databases. */
  runs: FoundRun[];
  /** Of all databases together. */
  fleet: FoundRun[];
  /** The first thing that is not as it was written. What it is about is not here. */
  problem: LedgerProblem | null;
}

/** Reads the evidence of a plan that the ledger of a directory has, each file of it held against its hash. */
export async function readEvidenceOf(reports: string, planHash: string): Promise<FoundRuns> {
  const found: FoundRuns = { runs: [], fleet: [], problem: null };
  const chain = await readLedger(reports);
  if (chain === null) return found;
  for (const line of chain.lines.filter(isRun)) {
    const intact = checkEvidence(reports, line);
    if ('code' in intact) {
      found.problem ??= intact;
      continue;
    }
    const { evidence } = intact;
    if (evidence.plan?.hash !== planHash) continue;
    const into = evidence.plan.database === null ? found.fleet : found.runs;
    into.push({ line, evidence, directory: line.directory });
  }
  // What a killed shard has left of a line is no evidence, and speaks against none.
  const ofChain = chain.problem?.code === 'LINE_CUT' ? null : chain.problem;
  return { ...found, problem: found.problem ?? ofChain };
}
