import { evidenceSchema, type Evidence } from './schema.ts';

/** Evidence as it was written, also by an earlier release; null for anything else. Pure. */
export function parseEvidence(text: string | Buffer): Evidence | null {
  try {
    return evidenceSchema.safeParse(JSON.parse(text.toString())).data ?? null;
  } catch {
    return null;
  }
}
