import { evidenceSchema, type Evidence } from './schema.ts';

/** Evidence as it was written, also by an earlier release; null for anything else. Pure. */
export function parseEvidence(text: string | Buffer): Evidence | null {
  if (typeof text === 'string') return parse(text);
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const evidence = parse(text.toString());
  parsed.set(text, evidence);
  return evidence;
}

/** Who verifies evidence asks for that of the same bytes again, for each of its signatures. */
const parsed = new WeakMap<Buffer, Evidence | null>();

function parse(text: string): Evidence | null {
  try {
    return evidenceSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
