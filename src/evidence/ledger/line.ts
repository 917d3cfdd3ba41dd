import { createHash } from 'node:crypto';
import { z } from 'zod';
import { verdictSchema } from '../schema.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** One run in the ledger. Its hash is the SHA-256 of its bytes, without the line feed. */
export const ledgerLine = z.strictObject({
  ledgerVersion: z.literal(1),
  /** From 1 on, without a gap. */
  number: z.int().positive(),
  /** The hash of the line before; null in the first. */
  previous: sha256.nullable(),
  /** `adopted`: it was there before there was a ledger, and nothing says whether more were. */
  kind: z.enum(['run', 'adopted']),
  writtenAt: z.iso.datetime({ precision: 3 }),
  id: z.uuid(),
  rehearsal: z.string(),
  /** Null in adopted evidence that does not say it. */
  database: z.string().nullable(),
  verdict: verdictSchema,
  /** The directory of the evidence, beside the ledger. */
  directory: z.string().regex(/^\d{8}T\d{6}Z-[^/\\]+$/),
  /** The SHA-256 of every file in it, by name. */
  files: z.record(z.string().regex(/^(?!\.{1,2}$)[^/\\]+$/), sha256),
  /** How many bytes of a line were removed before this one: its writer was killed. */
  cutBytes: z.int().positive().optional(),
});

export type LedgerLine = z.output<typeof ledgerLine>;

export const ledgerFile = 'ledger.jsonl';

/** Pure. */
export function serializeLine(line: LedgerLine): string {
  return JSON.stringify(line);
}

/** The hash of a line, or of any other bytes. Pure. */
export function hashOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
