import { createHash } from 'node:crypto';
import * as z from 'zod';
import { verdictSchema } from '../schema.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What every line has. */
const place = {
  ledgerVersion: z.literal(1),
  /** From 1 on, without a gap. */
  number: z.int().positive(),
  /** The hash of the line before; null in the first. */
  previous: sha256.nullable(),
  writtenAt: z.iso.datetime({ precision: 3 }),
  /** How many bytes of a line were removed before this one: its writer was killed. */
  cutBytes: z.int().positive().optional(),
};

const runLine = z.strictObject({
  ...place,
  /**
   * `adopted`: it was there before there was a ledger, and nothing says whether more were. `merged`: its line was written elsewhere,
   * in the ledger of a part.
   */
  kind: z.enum(['run', 'adopted', 'merged']),
  id: z.uuid(),
  rehearsal: z.string(),
  /** Null in adopted evidence that does not say it. */
  database: z.string().nullable(),
  verdict: verdictSchema,
  /** The directory of the evidence, beside the ledger. */
  directory: z.string().regex(/^\d{8}T\d{6}Z-[^/\\]+$/),
  /** The SHA-256 of every file in it, by name. */
  files: z.record(z.string().regex(/^(?!\.{1,2}$)[^/\\]+$/), sha256),
  /** Why there is no time stamp, where there was to be one: the evidence was fixed by then. */
  notStamped: z.string().optional(),
  /** Of what was merged: which part of the plan it is from, and its place in the ledger there, which its evidence has. */
  part: z.strictObject({ shard: z.string(), number: z.int().positive(), previous: sha256.nullable() }).optional(),
});

/** What was done about a run, by whom: evidence itself never changes. */
const noteLine = z.strictObject({
  ...place,
  kind: z.literal('note'),
  /** Its own. */
  id: z.uuid(),
  /** The id of the run that it is about, which has a line before this one, and the SHA-256 of that run's evidence.json. */
  about: z.uuid(),
  evidence: sha256,
  by: z.string().min(1),
  /** The corrective action: the address of a ticket, or words. */
  action: z.string().nullable(),
  text: z.string().nullable(),
  /** The id of a later run, which tested the action. */
  retest: z.uuid().nullable(),
  /** Whether `by` has reviewed the run and stands for it. */
  signOff: z.boolean(),
  /** Whether this database is not to be rehearsed this way any more; a later run takes it back. */
  retires: z.boolean(),
  /** By a key, over what the note says; null where it is not signed. See sign-note.ts. */
  signature: z.strictObject({ key: sha256, sig: z.base64() }).nullable(),
});

/** A line of the ledger. Its hash is the SHA-256 of its bytes, without the line feed. */
export const ledgerLine = z.discriminatedUnion('kind', [runLine, noteLine]);

export type RunLine = z.output<typeof runLine>;
export type NoteLine = z.output<typeof noteLine>;
export type LedgerLine = z.output<typeof ledgerLine>;

/** Pure. */
export function isRun(line: LedgerLine): line is RunLine {
  return line.kind !== 'note';
}

/** Pure. */
export function isNote(line: LedgerLine): line is NoteLine {
  return line.kind === 'note';
}

export const ledgerFile = 'ledger.jsonl';

/** Pure. */
export function serializeLine(line: LedgerLine): string {
  return JSON.stringify(line);
}

/** A line as it was written; null for anything else. Pure. */
export function parseLine(text: Buffer): LedgerLine | null {
  try {
    return ledgerLine.safeParse(JSON.parse(text.toString())).data ?? null;
  } catch {
    return null;
  }
}

/** The hash of a line, or of any other bytes. Pure. */
export function hashOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
