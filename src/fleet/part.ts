import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { replaceFile } from '../system/durable.ts';
import { makeDirectories } from '../system/make-directory.ts';

const partSchema = z.strictObject({
  partVersion: z.literal(1),
  /** The hash of the plan. */
  plan: z.string().regex(/^[0-9a-f]{64}$/),
  shard: z.strictObject({ index: z.int().positive(), total: z.int().positive() }),
  /** Those of the plan that are this part's. */
  databases: z.array(z.string()),
  /** Who rehearses it. */
  host: z.string(),
  startedAt: z.iso.datetime({ precision: 3 }),
  /** Null until each database has been rehearsed: whoever is killed leaves it so. */
  finishedAt: z.iso.datetime({ precision: 3 }).nullable(),
});

/** What a shard says of itself, beside its evidence: it is written before the first rehearsal, and once more after the last. */
export type Part = z.output<typeof partSchema>;

export const partFile = 'part.json';

export async function writePart(reports: string, part: Part): Promise<void> {
  await makeDirectories(reports);
  await replaceFile(join(reports, partFile), `${JSON.stringify(part, null, 2)}\n`);
}

/** @returns null where there is none, or what is there is none */
export async function readPart(reports: string): Promise<Part | null> {
  try {
    return partSchema.parse(JSON.parse(await readFile(join(reports, partFile), 'utf8')));
  } catch {
    return null;
  }
}

/** Pure. */
export function shardName({ index, total }: Part['shard']): string {
  return `${index}/${total}`;
}
