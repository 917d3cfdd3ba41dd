import { stat } from 'node:fs/promises';
import { OperationalError } from '../system/operational-error.ts';
import { nearby } from '../terminal/nearby.ts';
import type { PartRun } from './merge-part.ts';
import { readPart, shardName, type Part } from './part.ts';
import type { Plan } from './plan.ts';
import { readEvidenceOf } from './read-evidence.ts';

/** What the parts of a plan have. */
export interface ReadParts {
  runs: PartRun[];
  parts: Part[];
  /** Directories that are no part, and why. */
  notThere: string[];
}

/**
 * Reads parts of a plan, as their shards have left them. The order plays no part, and one may be named twice.
 * @throws OperationalError PART_REFUSED for one of another plan, and for one that was changed
 */
export async function readParts(directories: readonly string[], plan: Plan): Promise<ReadParts> {
  const read: ReadParts = { runs: [], parts: [], notThere: [] };
  for (const directory of [...new Set(directories)].toSorted()) {
    const found = await stat(directory).catch(() => null);
    const part = found?.isDirectory() === true ? await readPart(directory) : null;
    if (part === null) {
      const why = found === null ? 'is not there' : 'has no part.json that can be read';
      read.notThere.push(`${nearby(directory)} ${why}`);
      continue;
    }
    assertOfPlan(directory, part, plan);
    const { runs, problem } = await readEvidenceOf(directory, plan.hash);
    if (problem !== null) throw refuse(directory, `is not as its shard has left it: ${problem.message}`);
    const names = new Set(plan.databases.map(({ name }) => name));
    const stranger = runs.find(({ evidence }) => !names.has(evidence.plan?.database ?? ''));
    if (stranger !== undefined) {
      throw refuse(directory, `has evidence of "${stranger.evidence.plan?.database ?? ''}", which is not in the plan`);
    }
    read.parts.push(part);
    read.runs.push(...runs.map((run) => ({ ...run, reports: directory, shard: shardName(part.shard) })));
  }
  return read;
}

function assertOfPlan(directory: string, part: Part, { hash, createdAt }: Plan): void {
  if (part.plan === hash) return;
  const message = `is of another plan (${part.plan.slice(0, 12)}, and this is ${hash.slice(0, 12)} of ${createdAt})`;
  throw refuse(directory, message);
}

function refuse(directory: string, problem: string): OperationalError {
  const message = `The part ${nearby(directory)} ${problem}. Nothing was merged. Leave it out, and merge again: its databases are named as missing then.`;
  return new OperationalError('PART_REFUSED', message);
}

/** Says of a database of a plan why there may be nothing of it, by what its part says of itself. Pure. */
export function whyMissing(parts: readonly Part[]): (name: string) => string {
  const absent = absentShards(parts);
  return (name) => {
    const own = parts.filter(({ databases }) => databases.includes(name));
    const [part] = own;
    if (part === undefined && absent.length > 0) return `it is of a part that was not merged: ${absent.join(', ')}`;
    if (part === undefined) return 'no part that was merged has it';
    const which = `part ${shardName(part.shard)} on ${part.host}`;
    if (part.finishedAt !== null) return `${which} came to its end without it`;
    return `${which}, which had it, started at ${part.startedAt} and did not come to its end`;
  };
}

/** Where all parts say the same number of parts, those that are not among them. */
function absentShards(parts: readonly Part[]): string[] {
  const totals = [...new Set(parts.map(({ shard }) => shard.total))];
  const [total] = totals;
  if (total === undefined || totals.length > 1) return [];
  const there = new Set(parts.map(({ shard }) => shard.index));
  return Array.from({ length: total }, (_, at) => at + 1)
    .filter((index) => !there.has(index))
    .map((index) => shardName({ index, total }));
}
