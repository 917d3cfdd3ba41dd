import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeDrafts } from '../../system/drafts.ts';
import { replaceFile } from '../../system/durable.ts';
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
  await replaceFile(join(reports, 'latest.json'), content);
}
