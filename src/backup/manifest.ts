import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { stateCategories, type Snapshot } from '../snapshot/snapshot.ts';

const reading = z.strictObject({ lastValue: z.string(), isCalled: z.boolean() });
const named = z.record(z.string(), z.string());

const snapshot = z.strictObject({
  tables: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['table', 'partitioned', 'materialized view', 'foreign table']),
      rows: z.int().nonnegative().nullable(),
      digest: z.string().nullable(),
      notRead: z.string().nullable(),
    }),
  ),
  largeObjects: z.strictObject({ rows: z.int().nonnegative(), digest: z.string() }),
  sequences: z.array(
    z.strictObject({
      name: z.string(),
      from: reading,
      to: reading,
      increment: z.string(),
      cycles: z.boolean(),
      feeds: z.array(z.strictObject({ column: z.string(), extreme: z.string().nullable() })),
    }),
  ),
  schema: z.record(z.string(), z.strictObject({ type: z.string(), object: z.string(), definition: z.string() })),
  state: z.partialRecord(z.enum(stateCategories), named),
}) satisfies z.ZodType<Snapshot>;

/** What is known of a backup: which bytes it is, and what the database held in the moment of the dump. */
const manifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  database: z.string().min(1),
  takenAt: z.iso.datetime({ precision: 3 }),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
  serverVersion: z.string(),
  dumpVersion: z.string(),
  /** Whether the snapshot tells owners, privileges and roles. */
  ownership: z.enum(['runbook', 'preserve']),
  snapshot,
});

export type Manifest = z.output<typeof manifestSchema>;

export async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  const checked = manifestSchema.parse(manifest);
  await writeFile(path, `${JSON.stringify(checked)}\n`, { mode: 0o600 });
}

/**
 * Reads a manifest.
 * @returns the manifest; null where there is none; in words, why it is none
 */
export async function readManifest(path: string): Promise<Manifest | { invalid: string } | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const result = manifestSchema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return { invalid: `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
