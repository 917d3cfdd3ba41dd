import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listEvidenceDirectories } from '../ledger/list-directories.ts';
import type { LedgerProblem } from '../ledger/problem.ts';
import { readLedger } from '../ledger/read-ledger.ts';
import { isRun, type RunLine } from '../ledger/line.ts';
import { parseEvidence } from '../parse.ts';
import { readCache, writeCache, type CachedRun } from './cache.ts';
import { summarizeRun, type RunSummary } from './run-summary.ts';

/** One run in the history. */
export interface HistoryEntry extends RunSummary {
  directory: string;
  /** The file in it that shows the run; null where it is gone. */
  page: string | null;
  /** What is not as it should be with its evidence. */
  note: string | null;
}

export interface History {
  /** The newest first. */
  runs: HistoryEntry[];
  /** Directories whose evidence cannot be read, and which are in no line of the ledger. */
  unreadable: string[];
  ledger: { lines: number; head: string | null; problem: LedgerProblem | null } | null;
}

/**
 * Everything that a directory of evidence and its ledger know of. A run that the ledger has is there, also where its evidence
 * is not.
 */
export async function readHistory(reports: string): Promise<History> {
  const chain = await readLedger(reports);
  const lines = new Map(chain?.lines.filter(isRun).map((line) => [line.directory, line]));
  const directories = await listEvidenceDirectories(reports);
  const read = await readRuns(reports, directories);
  const gone = [...lines.values()].filter(({ directory }) => !read.has(directory));
  const runs = [...read].map(([directory, { summary, page }]) => ({
    ...summary,
    directory,
    page,
    note: noteOf(summary, lines.get(directory), chain !== null),
  }));
  const present = new Set(directories);
  return {
    runs: [...runs, ...gone.map((line) => withoutEvidence(line, present.has(line.directory)))].toSorted(newestFirst),
    unreadable: directories.filter((directory) => !read.has(directory) && !lines.has(directory)),
    ledger: chain && { lines: chain.lines.length, head: chain.hashes.at(-1) ?? null, problem: chain.problem },
  };
}

function newestFirst(a: HistoryEntry, b: HistoryEntry): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? 1 : -1;
  return a.directory < b.directory ? 1 : -1;
}

const atOnce = 32;

/** What is cached counts only as long as evidence.json is the same file with the same times: nobody can set the last one. */
async function readRuns(reports: string, directories: string[]): Promise<Map<string, CachedRun>> {
  const cached = await readCache(reports);
  const runs = new Map<string, CachedRun>();
  let changed = cached.size !== directories.length;
  for (let start = 0; start < directories.length; start += atOnce) {
    const some = directories.slice(start, start + atOnce);
    const found = await Promise.all(some.map((directory) => readRun(join(reports, directory), cached.get(directory))));
    for (const [index, run] of found.entries()) {
      const directory = some[index] ?? '';
      if (run === null) continue;
      changed ||= run !== cached.get(directory);
      runs.set(directory, run);
    }
  }
  if (changed) await writeCache(reports, runs);
  return runs;
}

async function readRun(path: string, cached: CachedRun | undefined): Promise<CachedRun | null> {
  const file = join(path, 'evidence.json');
  const found = await stat(file, { bigint: true }).catch(() => null);
  if (found === null) return null;
  const stamp = [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
  if (cached?.stamp === stamp) return cached;
  const evidence = parseEvidence(await readFile(file).catch(() => ''));
  if (evidence === null) return null;
  const names = await readdir(path);
  const page = ['evidence.html', 'evidence.md'].find((name) => names.includes(name)) ?? 'evidence.json';
  return { stamp, summary: summarizeRun(evidence), page };
}

function noteOf({ verdict }: RunSummary, line: RunLine | undefined, isKept: boolean): string | null {
  if (line === undefined) return isKept ? 'not in the ledger' : null;
  if (line.verdict !== verdict) return `the ledger says ${line.verdict}`;
  return line.kind === 'run' ? null : line.kind;
}

/** The line alone says when it was written, and what came of it. */
function withoutEvidence({ directory, rehearsal, database, verdict }: RunLine, isThere: boolean): HistoryEntry {
  const nothing = { measuredMs: null, targetMs: null, met: null };
  const startedAt = directory.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/s, '$1-$2-$3T$4:$5:$6.000Z');
  const note = isThere ? 'its evidence cannot be read' : 'its evidence is gone';
  const known = { directory, rehearsal, database, verdict, startedAt, note };
  return { ...known, page: null, reason: null, rto: nothing, rpo: nothing, restoreMs: null, backupBytes: null };
}
