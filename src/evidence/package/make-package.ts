import type { KeyObject } from 'node:crypto';
import type { Environment } from '../../system/environment.ts';
import type { LedgerProblem } from '../ledger/problem.ts';
import { readLedger } from '../ledger/read-ledger.ts';
import { verifyLedger } from '../ledger/verify.ts';
import type { Period } from '../period.ts';
import { fingerprintOf } from '../sign/fingerprint.ts';
import { collectEvidence, publicKeyFile, secondVerifier } from './collect.ts';
import { coverageOf, type CoverageStatement } from './coverage.ts';
import { printPdf } from './print-pdf.ts';
import { renderReadme } from './readme.ts';
import { renderCoverage } from './render-coverage.ts';
import { renderSummaryPage } from './summary.tsx';
import type { PackedFile } from './write-zip.ts';

export interface PackageRequest {
  period: Period;
  frequencyMs: number | null;
  /** That are to be rehearsed. */
  databases: string[];
  publicKey: KeyObject | null;
  environment: Environment;
}

export interface MadePackage {
  files: PackedFile[];
  statement: CoverageStatement;
  runs: number;
  /** What is wrong with the directory; it is packed all the same, and says so. */
  problem: LedgerProblem | null;
  /** Why there is no PDF. */
  noPdf: string | null;
}

/** Puts together what an auditor gets of a period. What is there is verified first; null where there is no ledger. */
export async function makePackage(reports: string, request: PackageRequest): Promise<MadePackage | null> {
  const { period, publicKey } = request;
  const { problem } = await verifyLedger(reports, { expectedHead: null });
  const chain = await readLedger(reports);
  if (chain === null) return null;
  const { lines, hashes } = chain;
  const { runs, files, claimedKeys } = await collectEvidence(reports, lines, period);
  const statement = coverageOf(runs, { ...request, now: new Date() });
  const printed = await printPdf(renderSummaryPage(statement, runs), request.environment);
  const noPdf = 'reason' in printed ? printed.reason : null;
  const readme = renderReadme({
    ...{ period, runs: runs.length, lines: lines.length, head: hashes.at(-1) ?? null, problem, claimedKeys, noPdf },
    publicKey: publicKey === null ? null : fingerprintOf(publicKey),
    secondVerifier: files.some(({ name }) => name === secondVerifier),
  });
  const written: PackedFile[] = [
    { name: 'README.md', content: readme },
    { name: 'coverage.md', content: renderCoverage(statement, runs, lines) },
    { name: 'coverage.json', content: `${JSON.stringify(statement, null, 2)}\n` },
    ...('pdf' in printed ? [{ name: 'coverage.pdf', content: printed.pdf }] : []),
    ...(publicKey === null ? [] : [publicKeyFile(publicKey)]),
  ];
  return { files: [...written, ...files], statement, runs: runs.length, problem, noPdf };
}
