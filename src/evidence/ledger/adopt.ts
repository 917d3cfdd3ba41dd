import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../../system/operational-error.ts';
import { parseEvidence } from '../parse.ts';
import type { Evidence } from '../schema.ts';
import { withLedger, type LedgerEnd } from './append.ts';
import { hashOf, isRun } from './line.ts';
import { listEvidenceDirectories } from './list-directories.ts';
import { readLedger } from './read-ledger.ts';

/** What came of taking evidence into the ledger. */
export interface Adopted {
  adopted: string[];
  /** What is no evidence, and why. */
  passedOver: string[];
  /** How many bytes were removed of a line whose writer was killed. Where a line was adopted, that says it instead. */
  cutBytes: number;
  end: LedgerEnd;
}

/**
 * Takes evidence into the ledger that is in none of its lines, marked as such: what was there besides it, nobody knows.
 * @throws OperationalError LEDGER_BROKEN, where lines that cannot be read may have it already
 */
export async function adoptEvidence(reports: string): Promise<Adopted> {
  return withLedger(reports, async (ledger) => {
    const known = new Set(await knownDirectories(reports));
    const adopted: string[] = [];
    const passedOver: string[] = [];
    for (const directory of await listEvidenceDirectories(reports)) {
      if (known.has(directory)) continue;
      const read = await readDirectory(join(reports, directory));
      if (typeof read === 'string') {
        passedOver.push(`${directory}: ${read}`);
        continue;
      }
      const { files, evidence } = read;
      const { id, rehearsal, verdict, about } = evidence;
      const writtenAt = new Date().toISOString();
      const database = about?.database ?? null;
      await ledger.append({ kind: 'adopted', writtenAt, id, rehearsal, database, verdict, directory, files });
      adopted.push(directory);
    }
    // A line that was written has removed it.
    const cutBytes = await ledger.removeCut();
    return { adopted, passedOver, cutBytes, end: ledger.end };
  });
}

async function knownDirectories(reports: string): Promise<string[]> {
  const chain = await readLedger(reports);
  if (chain === null) return [];
  const { lines, problem } = chain;
  // What was cut off is removed with the first line that is written.
  if (problem !== null && problem.code !== 'LINE_CUT') {
    const message = `${problem.message} Nothing was adopted. Find out who changed the ledger, and bring back a copy of it.`;
    throw new OperationalError('LEDGER_BROKEN', message);
  }
  return lines.filter(isRun).map(({ directory }) => directory);
}

/** @returns why it cannot be taken in, where that is so */
async function readDirectory(path: string): Promise<{ files: Record<string, string>; evidence: Evidence } | string> {
  const entries = await readdir(path, { withFileTypes: true });
  const other = entries.find((entry) => !entry.isFile());
  if (other !== undefined)
    return `${other.name} in it is no file, and the ledger has the hashes of files. Move it away`;
  const files: Record<string, string> = {};
  let evidence: Evidence | null = null;
  for (const name of entries.map((entry) => entry.name).toSorted()) {
    const bytes = await readFile(join(path, name));
    files[name] = hashOf(bytes);
    if (name === 'evidence.json') evidence = parseEvidence(bytes);
  }
  return evidence === null ? 'its evidence.json is missing, or does not keep to its schema' : { files, evidence };
}
