import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { splitLines } from './append.ts';
import { ledgerFile, ledgerLine, type RunLine } from './line.ts';

/** What a line says that is looked for. */
type Wanted = Pick<RunLine, 'rehearsal' | 'database'> & {
  /** Of the run that is not meant itself. */
  id: string;
  verdict?: RunLine['verdict'];
};

/**
 * The last run of the same rehearsal and database, besides the one with this id; null where there is none. Whether the chain holds
 * is not asked here, and what is no line is passed over: a ledger that somebody has changed must not silence anybody.
 */
export async function findRunBefore(reports: string, wanted: Wanted): Promise<RunLine | null> {
  const bytes = await readFile(join(reports, ledgerFile)).catch(() => Buffer.alloc(0));
  for (const text of splitLines(bytes).toReversed()) {
    const line = parseRun(text);
    if (line !== null && isWanted(line, wanted)) return line;
  }
  return null;
}

function isWanted(line: RunLine, { id, rehearsal, database, verdict }: Wanted): boolean {
  if (line.id === id || line.rehearsal !== rehearsal || line.database !== database) return false;
  return verdict === undefined || line.verdict === verdict;
}

function parseRun(text: Buffer): RunLine | null {
  try {
    const line = ledgerLine.parse(JSON.parse(text.toString()));
    return line.kind === 'note' ? null : line;
  } catch {
    return null;
  }
}
