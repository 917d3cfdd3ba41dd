import { readdir } from 'node:fs/promises';

/** Names of the directories that runs have written; see writeEvidence. The oldest comes first. */
export async function listEvidenceDirectories(reports: string): Promise<string[]> {
  const entries = await readdir(reports, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^\d{8}T\d{6}Z-/.test(entry.name))
    .map(({ name }) => name)
    .toSorted();
}
