import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { replacePrivately } from '../system/durable.ts';
import { currentDigest, digestVersions } from '../snapshot/digest-version.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { stateCategoriesOf } from '../snapshot/state.ts';
import type { StateCategory } from '../snapshot/state-facets.ts';
import { OperationalError } from '../system/operational-error.ts';

const reading = z.strictObject({ lastValue: z.string(), isCalled: z.boolean() });
const named = z.record(z.string(), z.string());

const viewQuery = z.strictObject({
  rows: z.int().nonnegative().nullable(),
  digest: z.string().nullable(),
  notRead: z.string().nullable(),
  reads: z.array(z.string()),
  varies: z.array(z.string()),
});

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
      hashedIn: z.string().optional(),
      query: viewQuery.optional(),
      part: z.literal('dumped').optional(),
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
  state: z.partialRecord(z.enum(stateCategoriesOf('preserve')), named),
  /** See firstCategories. */
  denied: z.array(z.string()).optional(),
});

/**
 * The first manifests do not say what was denied: what they do not hold of these categories was. So of these it is not written
 * down still, and a harness of before, which takes no key that it does not know, can read what this one writes.
 */
const firstCategories: readonly StateCategory[] = [
  ...(['DATABASE', 'DATABASE_SETTING', 'EXTENSION', 'MATERIALIZED_VIEW_DATA', 'CONSTRAINT_STATE'] as const),
  ...(['TRIGGER_STATE', 'INDEX_STATE', 'TABLE_STATE', 'COLLATION_VERSION', 'LARGE_OBJECT_STATE'] as const),
  ...(['SUBSCRIPTION', 'USER_MAPPING', 'ROLE', 'ROLE_MEMBERSHIP'] as const),
];

/** A number of its own for manifests that releases of before cannot read at all; what is only added leaves it as it is. */
const schemaVersion = 1;
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.int().positive();

/** Formats of pg_dump that a backup of ours may have. */
export const backupFormats = ['custom', 'directory'] as const;

/** What is known of a backup: which bytes it is, and what the database held in the moment of the dump. */
const manifestSchema = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
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
  /** Settings of the source on which it depends what a restore computes. Earlier releases do not write them. */
  serverSettings: z.record(z.string(), z.string()).optional(),
  /** Settings of the source on which it depends how long a restore takes. Earlier releases do not write them. */
  paceSettings: z.record(z.string(), z.string()).optional(),
  /** Where the database was read, without secrets. Earlier releases do not write it. */
  source: z.string().nullable().optional(),
  /** Whom the dump is encrypted to; `sha256` and `bytes` are then of the encrypted file. Without it, it is not. */
  encryption: z.strictObject({ by: z.enum(['age', 'gpg']), recipients: z.array(z.string()) }).optional(),
  /** How much of its server's disk the database took. Earlier releases do not write it. */
  databaseBytes: z.int().nonnegative().nullable().optional(),
  snapshot,
});

export type Manifest = Omit<z.output<typeof manifestSchema>, 'snapshot'> & { snapshot: Snapshot };

/** Why a text is no manifest that this release can read. */
export interface UnreadableManifest {
  invalid: string;
  /** Nothing is wrong with it but that a newer release wrote it. */
  isNewer: boolean;
}

export async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  await replacePrivately(path, serializeManifest(manifest));
}

/**
 * That a manifest is of a newer release says nothing against its backup.
 * @throws OperationalError MANIFEST_TOO_NEW
 */
export function assertNotNewer(manifest: Manifest | UnreadableManifest | null, name: string): void {
  if (manifest === null || !('invalid' in manifest) || !manifest.isNewer) return;
  throw new OperationalError('MANIFEST_TOO_NEW', `The manifest ${name} cannot be read: ${manifest.invalid}.`);
}

/** A manifest as text. */
export function serializeManifest(manifest: Manifest): string {
  const later = manifest.snapshot.denied?.filter((category) => !firstCategories.includes(category)) ?? [];
  const denied = later.length === 0 ? undefined : later;
  const held = z.object(snapshot.shape).parse({ ...manifest.snapshot, denied });
  return `${JSON.stringify(manifestSchema.parse({ ...manifest, snapshot: held }))}\n`;
}

/**
 * Reads a manifest.
 * @returns the manifest; null where there is none; in words, why it is none
 */
export async function readManifest(path: string): Promise<Manifest | UnreadableManifest | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : parseManifest(text);
}

/** Reads the text of a manifest, as far as this release knows what is in it. Pure. @returns the manifest, or why it is none */
export function parseManifest(text: string): Manifest | UnreadableManifest {
  const value = parseJson(text);
  const newer = findNewerVersion(value);
  if (newer !== null) return { invalid: newer, isNewer: true };
  const strict = manifestSchema.safeParse(value);
  const unknown = removeUnknown(value, strict.error?.issues ?? []);
  const { data, error } = unknown.length === 0 ? strict : manifestSchema.safeParse(value);
  if (data !== undefined) {
    const more = { denied: findDenied(data), ...(unknown.length > 0 && { unknown }) };
    return { ...data, snapshot: { ...data.snapshot, ...more } };
  }
  const [issue] = error.issues;
  return { invalid: `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}`, isNewer: false };
}

const versions = z.object({
  schemaVersion: z.int().catch(0),
  snapshot: z.object({ digestVersion: z.int().catch(0) }).catch({ digestVersion: 0 }),
});

function findNewerVersion(value: unknown): string | null {
  const { data } = versions.safeParse(value);
  if (data === undefined) return null;
  const update = 'a newer release wrote it, so update restore-rehearsal here';
  if (data.schemaVersion > schemaVersion) return `its schemaVersion is ${data.schemaVersion}: ${update}`;
  const { digestVersion } = data.snapshot;
  return digestVersion > currentDigest ? `its digests are of version ${digestVersion}: ${update}` : null;
}

/** Takes out of a manifest what a newer release has added. Returns the names of it, each once. */
function removeUnknown(value: unknown, issues: z.core.$ZodIssue[]): string[] {
  const names = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = issue.path.reduce((object, key) => (object as Record<PropertyKey, unknown>)[key], value);
    for (const key of issue.keys) {
      Reflect.deleteProperty(holder as object, key);
      // Deeper down are the names of objects.
      names.add([...issue.path.slice(0, 2), key].join('.'));
    }
  }
  return [...names];
}

function findDenied({ ownership, snapshot }: z.output<typeof manifestSchema>): StateCategory[] {
  const missing = stateCategoriesOf(ownership).filter((category) => snapshot.state[category] === undefined);
  return missing.filter((category) => firstCategories.includes(category) || snapshot.denied?.includes(category));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
