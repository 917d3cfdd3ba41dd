import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEvidence } from './parse.ts';
import type { Evidence } from './schema.ts';

/**
 * Reads the evidence of earlier rehearsals, the newest first, as it is asked for. What cannot be read as evidence is passed
 * over: it proves nothing.
 * @param rehearsal its name
 */
export async function* readEarlier(reports: string, rehearsal: string): AsyncGenerator<Evidence> {
  for (const name of await listEvidence(reports, rehearsal)) {
    const evidence = await readEvidence(join(reports, name, 'evidence.json'));
    if (evidence?.rehearsal === rehearsal) yield evidence;
  }
}

/** Names of directories start with the moment of the rehearsal; see writeEvidence. */
async function listEvidence(reports: string, rehearsal: string): Promise<string[]> {
  const names = await readdir(reports).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => /^\d{8}T\d{6}Z-/.test(name) && name.slice('20260209T094803Z-'.length).startsWith(rehearsal))
    .toSorted()
    .toReversed();
}

async function readEvidence(file: string): Promise<Evidence | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? null : parseEvidence(text);
}
