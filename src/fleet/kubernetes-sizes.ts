import { estimatedMemoryBytes } from './room-for-jobs.ts';
import type { Plan, PlannedDatabase } from './plan.ts';
import { splitPlan } from './split.ts';

/** One step of a JSON Patch (RFC 6902), as kustomize takes it. */
export interface PatchStep {
  op: 'replace';
  path: string;
  value: string | number;
}

/**
 * What a plan takes, as a patch of the CronJob `drill` in deploy/kubernetes. A part rehearses one database after the other, and every
 * part has the same pod: it needs room for the largest. Pure.
 * @param shards how many parts; one for each database at most
 */
export function sizeForKubernetes({ databases }: Pick<Plan, 'databases'>, shards: number): PatchStep[] {
  const parts = Math.min(shards, databases.length);
  const job = '/spec/jobTemplate/spec';
  const pod = `${job}/template/spec`;
  const replace = (path: string, value: string | number): PatchStep => ({ op: 'replace', path, value });
  return [
    replace(`${job}/completions`, parts),
    replace(`${job}/parallelism`, parts),
    replace(`${pod}/containers/0/env/0/value`, String(parts)),
    replace(`${pod}/containers/0/resources/requests/memory`, inMebibytes(memoryBytes)),
    replace(`${pod}/containers/0/resources/limits/memory`, inMebibytes(memoryBytes * 2)),
    replace(`${pod}/volumes/0/ephemeral/volumeClaimTemplate/spec/resources/requests/storage`, roomFor(databases)),
  ];
}

/** With the memory that PostgreSQL shares, which is counted with the container's. */
const memoryBytes = 2 * estimatedMemoryBytes;

/** Databases grow between two plans, and a file system takes a part of its disk for itself. */
const reserve = 1.5;
/** PostgreSQL's own cluster, its WAL, and what a rehearsal writes beside them. */
const leastBytes = 2 * 1024 ** 3;

function roomFor(databases: readonly PlannedDatabase[]): string {
  const most = Math.max(...databases.map(({ diskBytes }) => diskBytes ?? 0));
  return `${Math.ceil((leastBytes + most * reserve) / 1024 ** 3)}Gi`;
}

/** How long the longest part is expected to take. Pure. */
export function longestPartMs({ databases }: Pick<Plan, 'databases'>, shards: number): number {
  const parts = splitPlan(databases, Math.min(shards, databases.length));
  return Math.max(...parts.map((part) => part.reduce((sum, { expectedMs }) => sum + expectedMs, 0)));
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)}Mi`;
}
