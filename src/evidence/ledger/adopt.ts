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
      const { files, evidence } = await readDirectory(join(reports, directory));
      if (evidence === null) {
        passedOver.push(`${directory}: its evidence.json is missing, or does not keep to its schema`);
        continue;
      }
      const { id, rehearsal, verdict, about } = evidence;
      const writtenAt = new Date().toISOString();
      const database = about?.database ?? null;
      await ledger.append({ kind: 'adopted', writtenAt, id, rehearsal, database, verdict, directory, files });
      adopted.push(directory);
    }
    return { adopted, passedOver, end: ledger.end };
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

async function readDirectory(path: string): Promise<{ files: Record<string, string>; evidence: Evidence | null }> {
  const files: Record<string, string> = {};
  let evidence: Evidence | null = null;
  for (const name of (await readdir(path)).toSorted()) {
    const bytes = await readFile(join(path, name));
    files[name] = hashOf(bytes);
    if (name === 'evidence.json') evidence = parseEvidence(bytes);
  }
  return { files, evidence };
}
