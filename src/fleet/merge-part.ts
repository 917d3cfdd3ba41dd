import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withLedger } from '../evidence/ledger/append.ts';
import { isRun } from '../evidence/ledger/line.ts';
import { readLedger } from '../evidence/ledger/read-ledger.ts';
import { draftPath } from '../system/drafts.ts';
import { syncDirectory } from '../system/durable.ts';
import { makeDirectories } from '../system/make-directory.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Plan } from './plan.ts';
import type { FoundRun } from './read-evidence.ts';

/** A run in the directory of a part. */
export interface PartRun extends FoundRun {
  reports: string;
  /** `2/4`, as the part says it. */
  shard: string;
}

/**
 * Takes runs of parts into the evidence of a directory, in the order of the plan: those that its ledger has already are left
 * as they are.
 * @returns the directories that are new
 * @throws OperationalError PART_REFUSED where two runs have the same id and are not the same
 */
export async function mergeRuns(reports: string, runs: readonly PartRun[], plan: Plan): Promise<string[]> {
  await makeDirectories(reports);
  const merged: string[] = [];
  await withLedger(reports, async (ledger) => {
    const known = new Map((await readLedger(reports))?.lines.filter(isRun).map((line) => [line.id, line]));
    for (const run of inOrderOf(plan, runs)) {
      const { line, shard } = run;
      const before = known.get(line.id);
      if (before !== undefined) {
        assertSame(run, before.files);
        continue;
      }
      const directory = await copyRun(run, reports);
      const { id, rehearsal, database, verdict, files, notStamped, number, previous, part } = line;
      const said = { id, rehearsal, database, verdict, files, ...(notStamped !== undefined && { notStamped }) };
      const writtenAt = new Date().toISOString();
      // What was merged before keeps the place that its evidence names.
      const place = part ?? { shard, number, previous };
      await ledger.append({ ...said, kind: 'merged', writtenAt, directory, part: place });
      known.set(line.id, line);
      merged.push(directory);
    }
  });
  return merged;
}

function assertSame({ line, reports }: PartRun, files: Record<string, string>): void {
  const names = [...new Set([...Object.keys(files), ...Object.keys(line.files)])];
  const differing = names.find((name) => files[name] !== line.files[name]);
  if (differing === undefined) return;
  const message = `The run ${line.id} is there already with another ${differing} than in ${reports}: one of the two was changed. Nothing more was merged. Find out which, and merge the part as its shard has left it.`;
  throw new OperationalError('PART_REFUSED', message);
}

function inOrderOf({ databases }: Plan, runs: readonly PartRun[]): PartRun[] {
  const places = new Map(databases.map(({ name }, place) => [name, place]));
  const keyOf = ({ evidence: { plan, finishedAt, id } }: PartRun) =>
    [places.get(plan?.database ?? '') ?? Infinity, finishedAt, id] as const;
  return runs.toSorted((a, b) => {
    const [one, other] = [keyOf(a), keyOf(b)];
    const place = ([0, 1, 2] as const).find((each) => one[each] !== other[each]);
    return place === undefined ? 0 : one[place] < other[place] ? -1 : 1;
  });
}

/** It appears whole or not at all; a directory of that name gets a number. */
async function copyRun({ line, reports: from }: PartRun, into: string): Promise<string> {
  const bare = line.directory.replace(/-\d+$/, (number) =>
    line.directory.endsWith(`${line.rehearsal}${number}`) ? '' : number,
  );
  const draft = await draftPath(into, bare);
  try {
    await cp(join(from, line.directory), draft, { recursive: true, errorOnExist: true, force: false });
    await syncDirectory(draft);
    const directory = await publish(draft, into, bare);
    await syncDirectory(into);
    return directory;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

async function publish(draft: string, into: string, name: string, attempt = 1): Promise<string> {
  const numbered = attempt === 1 ? name : `${name}-${attempt}`;
  try {
    await rename(draft, join(into, numbered));
    return numbered;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    return publish(draft, into, name, attempt + 1);
  }
}
