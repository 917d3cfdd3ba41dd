import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KeyObject } from 'node:crypto';
import { isNote, isRun, ledgerFile, type LedgerLine, type RunLine } from '../ledger/line.ts';
import { parseEvidence } from '../parse.ts';
import { isWithin, type Period } from '../period.ts';
import { claimedKey } from '../signed-by.ts';
import type { CoveredRun } from './coverage.ts';
import type { PackedFile } from './write-zip.ts';

/** What a package is made of, apart from what is written for it. */
export interface Collected {
  runs: CoveredRun[];
  files: PackedFile[];
  /** The fingerprints of the keys that bundles and notes name. */
  claimedKeys: string[];
}

/** Finds the evidence of a period, as it lies there: also what was changed, or is in no line. */
export async function collectEvidence(reports: string, lines: LedgerLine[], period: Period): Promise<Collected> {
  const runs: CoveredRun[] = [];
  const files: PackedFile[] = [{ name: `evidence/${ledgerFile}`, path: join(reports, ledgerFile) }];
  const claimedKeys = new Set<string>();
  for (const { signature } of lines.filter(isNote)) if (signature !== null) claimedKeys.add(signature.key);
  for (const line of lines.filter(isRun).filter((run) => isWithin(run, period))) {
    const texts = await readRun(reports, line, files);
    const evidence = texts.evidence === null ? null : parseEvidence(texts.evidence);
    const key = texts.bundle === null ? null : claimedKey(texts.bundle);
    if (key !== null) claimedKeys.add(key);
    runs.push({ line, evidence });
  }
  return { runs, files: [...files, ...(await documents())], claimedKeys: [...claimedKeys].toSorted() };
}

async function readRun(reports: string, { directory }: RunLine, files: PackedFile[]) {
  const entries = await readdir(join(reports, directory), { withFileTypes: true }).catch(() => []);
  // Nothing but files is written there, and a link could lead anywhere.
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  files.push(
    ...names
      .toSorted()
      .map((name) => ({ name: `evidence/${directory}/${name}`, path: join(reports, directory, name) })),
  );
  const read = (name: string) => readFile(join(reports, directory, name), 'utf8').catch(() => null);
  return { evidence: await read('evidence.json'), bundle: await read('evidence.intoto.json') };
}

/** Of this project, so that nobody has to look for them. */
const ownDocuments = {
  'FORMAT.md': '../../../reports/FORMAT.md',
  'evidence.schema.json': '../../../docs/evidence.schema.json',
  'verify-evidence.py': '../../../docs/verify-evidence.py',
};

export const secondVerifier = 'verify-evidence.py';

async function documents(): Promise<PackedFile[]> {
  const files: PackedFile[] = [];
  for (const [name, place] of Object.entries(ownDocuments)) {
    const path = fileURLToPath(new URL(place, import.meta.url));
    if ((await stat(path).catch(() => null)) !== null) files.push({ name, path });
  }
  return files;
}

/** Pure. */
export function publicKeyFile(key: KeyObject): PackedFile {
  return { name: 'evidence.key.pub', content: key.export({ type: 'spki', format: 'pem' }) };
}
