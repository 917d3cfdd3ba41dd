import { OperationalError } from '../system/operational-error.ts';

/** Which part of a plan, from 1 to `total`. */
export interface Shard {
  index: number;
  total: number;
}

/** How a scheduler tells the jobs that it starts which of them they are. */
interface Scheduler {
  name: string;
  index: string;
  /** Null where it does not say how many there are. */
  total: string | null;
  /** The number of the first. */
  first: 0 | 1;
}

/** A job of GitHub's matrix has no variable of its own: it gives `--shard`. */
export const schedulers: readonly Scheduler[] = [
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', total: null, first: 0 },
  { name: 'GitLab', index: 'CI_NODE_INDEX', total: 'CI_NODE_TOTAL', first: 1 },
  { name: 'AWS Batch', index: 'AWS_BATCH_JOB_ARRAY_INDEX', total: 'AWS_BATCH_JOB_ARRAY_SIZE', first: 0 },
  { name: 'CircleCI', index: 'CIRCLE_NODE_INDEX', total: 'CIRCLE_NODE_TOTAL', first: 0 },
  { name: 'Buildkite', index: 'BUILDKITE_PARALLEL_JOB', total: 'BUILDKITE_PARALLEL_JOB_COUNT', first: 0 },
];

/** More would be a mistake: a part is a whole job. */
const mostShards = 10_000;

/**
 * The part that this process is to rehearse: what the flag says, else what the variables of a scheduler say. Pure.
 * @param flag `2/4`
 * @param shards how many there are, where the scheduler does not say it; it may not differ from what it says
 * @returns null where nothing says it: then it is the whole plan
 * @throws OperationalError BAD_USAGE
 */
export function chooseShard(
  { shard: flag, shards }: { shard: string | null; shards: number | null },
  variables: Readonly<Record<string, string>>,
): Shard | null {
  if (flag !== null) return readFlag(flag, shards);
  const found = schedulers.filter(({ index }) => variables[index] !== undefined);
  const [scheduler, other] = found;
  if (scheduler === undefined) {
    if (shards === null) return null;
    throw refuse(
      `--shards says how many parts there are, and nothing says which one this is: --shard 1/${shards}, or one of ${schedulers.map(({ index }) => index).join(', ')}.`,
    );
  }
  if (other !== undefined) {
    throw refuse(
      `${scheduler.index} and ${other.index} both say which part this is. Say it with --shard I/N, which outweighs them.`,
    );
  }
  return readVariables(scheduler, variables, shards);
}

function readFlag(flag: string, shards: number | null): Shard {
  const [, index = '', total = ''] = /^(\d{1,9})\/(\d{1,9})$/.exec(flag) ?? [];
  if (index === '') throw refuse(`--shard takes a part and how many there are, like 2/4, not "${flag}".`);
  if (shards !== null && shards !== Number(total)) {
    throw refuse(`--shard ${flag} says that there are ${total} parts, and --shards says ${shards}.`);
  }
  if (Number(index) === 0) throw refuse(`--shard counts from 1: ${flag} is none. The first part is 1/${total}.`);
  return inRange({ index: Number(index), total: Number(total) }, `--shard ${flag}`);
}

function readVariables(
  { name, index, total, first }: Scheduler,
  variables: Readonly<Record<string, string>>,
  shards: number | null,
): Shard {
  const said = total === null ? undefined : variables[total];
  const of = said === undefined ? shards : toNumber(said, total ?? '');
  if (of === null) {
    throw refuse(`${index} (${name}) says which part this is, and nothing says how many there are: add --shards N.`);
  }
  if (shards !== null && shards !== of) {
    throw refuse(`${total ?? ''} says that there are ${of} parts, and --shards says ${shards}.`);
  }
  const place = toNumber(variables[index] ?? '', index);
  const where = `${index} is ${place}, counted from ${first} (${name})`;
  return inRange({ index: place + 1 - first, total: of }, where);
}

function toNumber(text: string, variable: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw refuse(`${variable} is "${text}"; it has to be a whole number.`);
}

function inRange(shard: Shard, said: string): Shard {
  const { index, total } = shard;
  if (total < 1 || total > mostShards) {
    throw refuse(`${said}: there have to be 1 to ${mostShards} parts, not ${total}.`);
  }
  if (index >= 1 && index <= total) return shard;
  throw refuse(`${said}: there is no part ${index} of ${total}.`);
}

function refuse(message: string): OperationalError {
  return new OperationalError('BAD_USAGE', message);
}
