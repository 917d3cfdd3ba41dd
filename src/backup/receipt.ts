import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { replacePrivately } from '../system/durable.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Proof that a backup has been copied off-host: each file was read back from there and hashed. */
const receiptSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** As in the profile, for rclone: `remote:bucket/path`. */
  destination: z.string().min(1),
  verifiedAt: z.iso.datetime({ precision: 3 }),
  /** SHA-256 of the dump, as in the manifest: a receipt for other bytes proves nothing. */
  dump: sha256,
  /** What was read back, by path relative to the destination. */
  files: z.array(z.strictObject({ name: z.string().min(1), sha256, bytes: z.int().nonnegative() })).min(1),
});

export type Receipt = z.output<typeof receiptSchema>;

export async function writeReceipt(path: string, receipt: Receipt): Promise<void> {
  await replacePrivately(path, `${JSON.stringify(receiptSchema.parse(receipt), null, 2)}\n`);
}

/** Reads a receipt; null where there is none, or none that can be understood: then nothing is proven. */
export async function readReceipt(path: string): Promise<Receipt | null> {
  try {
    return receiptSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
