import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { draftPath, removeDrafts } from '../../system/drafts.ts';
import { syncDirectory, writeSynced } from '../../system/durable.ts';
import type { RunSink } from './sink.ts';

/** latest.json: the verdicts of the last run, and where its evidence is, relative to itself. */
export const latest: RunSink = {
  publish: ({ reports, outcomes, verdict }) => {
    const rehearsals = outcomes.map(({ evidence, directory }) => ({
      rehearsal: evidence.rehearsal,
      verdict: evidence.verdict,
      evidence: `${directory}/evidence.json`,
    }));
    return replace(reports, `${JSON.stringify({ verdict, rehearsals }, null, 2)}\n`);
  },
};

/** Readers see the old or the new file. */
async function replace(reports: string, content: string): Promise<void> {
  await mkdir(reports, { recursive: true });
  await removeDrafts(reports);
  const draft = await draftPath(reports, 'latest.json');
  try {
    await writeSynced(draft, content);
    await rename(draft, join(reports, 'latest.json'));
    await syncDirectory(reports);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
