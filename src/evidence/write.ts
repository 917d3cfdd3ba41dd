import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { draftPath, removeDrafts } from '../files/drafts.ts';
import { syncDirectory, writeSynced } from '../files/durable.ts';
import { renderMarkdown } from './markdown.ts';
import { evidenceSchema, type Evidence, type Verdict } from './schema.ts';
import { combineVerdicts } from './verdict.ts';

/** What latest.json says of one rehearsal; `evidence` is relative to latest.json. */
export interface LatestEntry {
  rehearsal: string;
  verdict: Verdict;
  evidence: string;
}

/**
 * Writes evidence and logs into a directory of their own. The directory appears whole or not at all.
 * @returns its name below `reports`
 * @throws ZodError for evidence that does not keep to its schema
 */
export async function writeEvidence(
  reports: string,
  evidence: Evidence,
  logs: Record<string, string>,
): Promise<string> {
  const checked = evidenceSchema.parse(evidence);
  const files = {
    'evidence.json': `${JSON.stringify(checked, null, 2)}\n`,
    'evidence.md': renderMarkdown(checked),
    ...Object.fromEntries(Object.entries(logs).filter(([, text]) => text.trim() !== '')),
  };
  const name = `${evidence.startedAt.replace(/\.\d+|[-:]/g, '')}-${evidence.rehearsal}`;
  await mkdir(reports, { recursive: true });
  await removeDrafts(reports);
  const draft = await draftPath(reports, name);
  try {
    await mkdir(draft);
    for (const [file, content] of Object.entries(files)) await writeSynced(join(draft, file), content);
    await syncDirectory(draft);
    const published = await publish(draft, reports, name);
    await syncDirectory(reports);
    return published;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** Writes latest.json for the rehearsals of one run: readers see the old or the new file. */
export async function writeLatest(reports: string, entries: LatestEntry[]): Promise<void> {
  const verdict = combineVerdicts(entries.map((entry) => entry.verdict));
  await mkdir(reports, { recursive: true });
  await removeDrafts(reports);
  const draft = await draftPath(reports, 'latest.json');
  try {
    await writeSynced(draft, `${JSON.stringify({ verdict, rehearsals: entries }, null, 2)}\n`);
    await rename(draft, join(reports, 'latest.json'));
    await syncDirectory(reports);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** A directory cannot be renamed onto one that holds files: a rehearsal of the same second gets a number. */
async function publish(draft: string, reports: string, name: string, attempt = 1): Promise<string> {
  const numbered = attempt === 1 ? name : `${name}-${attempt}`;
  try {
    await rename(draft, join(reports, numbered));
    return numbered;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    return publish(draft, reports, name, attempt + 1);
  }
}
