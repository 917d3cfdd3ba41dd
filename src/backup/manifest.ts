import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { replacePrivately } from '../files/durable.ts';
import { digestVersions } from '../snapshot/digest-version.ts';
import { stateCategories, type Snapshot } from '../snapshot/snapshot.ts';

const reading = z.strictObject({ lastValue: z.string(), isCalled: z.boolean() });
const named = z.record(z.string(), z.string());

const snapshot = z.strictObject({
  /** The first manifests do not say it. */
  digestVersion: z.literal(digestVersions).default(1),
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

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.int().positive();

/** Formats of pg_dump that a backup of ours may have. */
export const backupFormats = ['custom', 'directory'] as const;

/** What is known of a backup: which bytes it is, and what the database held in the moment of the dump. */
const manifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  database: z.string().min(1),
  takenAt: z.iso.datetime({ precision: 3 }),
  /** Of a directory: the SHA-256 of its checksum file, and the bytes of all its files. */
  sha256,
  bytes,
  format: z.enum(backupFormats),
  serverVersion: z.string(),
  dumpVersion: z.string(),
  /** Whether the snapshot tells owners, privileges and roles. */
  ownership: z.enum(['runbook', 'preserve']),
  /** The roles of the server, where they are kept. */
  globals: z.strictObject({ sha256, bytes }).nullable(),
  snapshot,
});

export type Manifest = z.output<typeof manifestSchema>;

export async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  await replacePrivately(path, serializeManifest(manifest));
}

/** A manifest as text. */
export function serializeManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifestSchema.parse(manifest))}\n`;
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
  return text === null ? null : parseManifest(text);
}

/** Reads the text of a manifest. Pure. @returns the manifest, or in words, why it is none */
export function parseManifest(text: string): Manifest | { invalid: string } {
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
