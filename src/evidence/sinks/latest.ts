import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { removeDrafts } from '../../system/drafts.ts';
import { replaceFile } from '../../system/durable.ts';
import type { Outcome } from '../outcome.ts';
import { verdictSchema } from '../schema.ts';
import type { RunSink } from './sink.ts';

/**
 * latest.json: the verdicts of the last run, and where its evidence is, relative to itself. `newest` has the last of every
 * kind: a run of seeded data says nothing about the backups, whose last verdict stays there.
 */
export const latest: RunSink = {
  publish: async ({ reports, outcomes, verdict }) => {
    const newest = withEarlier(outcomes.map(entryOf), await readEarlier(reports));
    const rehearsals = outcomes
      .map(entryOf)
      .map(({ rehearsal, verdict, evidence }) => ({ rehearsal, verdict, evidence }));
    await replace(reports, `${JSON.stringify({ verdict, rehearsals, newest }, null, 2)}\n`);
  },
};

const entry = z.object({
  rehearsal: z.string(),
  verdict: verdictSchema,
  evidence: z.string(),
  profile: z.string().nullable(),
  database: z.string().nullable(),
  /** Of the evidence: `seeded`, `backup` or `live`; null where it did not come to that. */
  data: z.string().nullable(),
  finishedAt: z.string(),
});
type Entry = z.output<typeof entry>;

function entryOf({ evidence, directory }: Outcome): Entry {
  const { rehearsal, verdict, about, finishedAt } = evidence;
  return {
    ...{ rehearsal, verdict, evidence: `${directory}/evidence.json` },
    ...{ profile: about?.profile ?? null, database: about?.database ?? null, data: about?.data ?? null, finishedAt },
  };
}

/** None where there is no such file, or an earlier release has written it. */
async function readEarlier(reports: string): Promise<Entry[]> {
  try {
    const earlier: unknown = JSON.parse(await readFile(join(reports, file), 'utf8'));
    return z.object({ newest: z.array(entry) }).safeParse(earlier).data?.newest ?? [];
  } catch {
    return [];
  }
}

function withEarlier(now: Entry[], earlier: Entry[]): Entry[] {
  return [...now, ...earlier.filter((old) => !now.some((each) => replaces(each, old)))];
}

/** What did not come to its data leaves what did, and goes with the next one. */
function replaces(now: Entry, old: Entry): boolean {
  const isSame = (['rehearsal', 'profile', 'database'] as const).every((key) => now[key] === old[key]);
  return isSame && (old.data === null || old.data === now.data);
}

const file = 'latest.json';

/** Readers see the old or the new file. */
async function replace(reports: string, content: string): Promise<void> {
  await mkdir(reports, { recursive: true });
  await removeDrafts(reports);
  await replaceFile(join(reports, file), content);
}
