import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import canonicalize from 'canonicalize';
import * as z from 'zod';
import { engineChoices } from '../config/engine-choices.ts';
import { verdictSchema } from '../evidence/schema.ts';
import { OperationalError } from '../system/operational-error.ts';

const text = z.string();
const time = z.iso.datetime({ precision: 3 });
const number = z.int().nonnegative();

const plannedDatabase = z.strictObject({
  /** No other has the same. */
  name: text.min(1),
  /** As PostgreSQL knows it. */
  database: text,
  rehearsals: z.array(text.min(1)).min(1),
  engine: z.enum(engineChoices),
  image: text,
  /** Of the restored database, as far as that is known, and who says it. */
  sizeBytes: number.nullable(),
  sizeBy: text.nullable(),
  /** How long its rehearsals take together, and who says it. */
  expectedMs: number,
  expectedBy: text,
  /** Of the disk, while it is rehearsed; null where the size is not known. */
  diskBytes: number.nullable(),
  lastRun: z.strictObject({ startedAt: time, verdict: verdictSchema }).nullable(),
  /** For how long it has been due; 0 where it is not yet, null where it never ran. */
  overdueMs: number.nullable(),
  /** What stands in place of the profile's keys. */
  overrides: z.record(text, z.json()),
});

const content = z.strictObject({
  planVersion: z.literal(1),
  profile: text,
  createdAt: time,
  /** How often each is to be rehearsed, where the profile says so. */
  frequencyMs: number.nullable(),
  /** In the order in which they are rehearsed: those that are overdue, the longest overdue first; then what takes longest. */
  databases: z.array(plannedDatabase).min(1),
  /** What the inventory has, and the profile leaves out. */
  leftOut: z.array(z.strictObject({ name: text, why: text })),
});

/** What is to be rehearsed: written before anything is, so that whatever is missing in the end is seen. */
export const planSchema = content.extend({ hash: z.string().regex(/^[0-9a-f]{64}$/) });

export type PlannedDatabase = z.output<typeof plannedDatabase>;
export type PlanContent = z.output<typeof content>;
export type Plan = z.output<typeof planSchema>;

/** Adds the SHA-256 of all the rest, in canonical JSON (RFC 8785). Pure. */
export function sealPlan(plan: PlanContent): Plan {
  return { ...plan, hash: hashOfPlan(plan) };
}

export function serializePlan(plan: Plan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/** @throws OperationalError PLAN_INVALID for what is no plan, and for one that was changed */
export async function readPlan(file: string): Promise<Plan> {
  const bytes = await readFile(file, 'utf8').catch((error: unknown) => {
    throw invalid(file, `cannot be read: ${error instanceof Error ? error.message : String(error)}`, error);
  });
  const plan = parsePlan(bytes, file);
  const { hash, ...rest } = plan;
  const actual = hashOfPlan(rest);
  if (actual !== hash) {
    throw invalid(file, `was changed after it was written: it says the hash ${hash}, and has ${actual}`);
  }
  const names = new Set(plan.databases.map(({ name }) => name));
  if (names.size !== plan.databases.length) throw invalid(file, 'has two databases of the same name');
  return plan;
}

function parsePlan(bytes: string, file: string): Plan {
  let json: unknown;
  try {
    json = JSON.parse(bytes);
  } catch (error) {
    throw invalid(file, 'is no JSON, or was cut off', error);
  }
  const parsed = planSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(file, `is no plan: ${(issue?.path ?? []).map(String).join('.')}: ${issue?.message ?? ''}`);
}

function hashOfPlan(plan: PlanContent): string {
  return createHash('sha256')
    .update(canonicalize(plan) ?? '')
    .digest('hex');
}

function invalid(file: string, problem: string, cause?: unknown): OperationalError {
  const message = `The plan ${file} ${problem}. Nothing was rehearsed. Write a plan with the command plan, and give the same file to every shard.`;
  return new OperationalError('PLAN_INVALID', message, { cause });
}

/** The JSON Schema (2020-12) of a plan, for other programs. `docs/plan.schema.json` is this. */
export function planJsonSchema(): object {
  return { title: 'Plan of rehearsals of several databases', ...z.toJSONSchema(planSchema) };
}
