/** A step of action.yml: says what a run has come to, as outputs for the steps of others. */
import { appendFile, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { parseEvidence } from '../../src/evidence/parse.ts';

const { REPORTS: reports = 'reports', STARTED: started = '', GITHUB_OUTPUT: file = '/dev/stdout' } = process.env;

const latestSchema = z.object({
  verdict: z.string(),
  rehearsals: z.array(z.object({ verdict: z.string(), evidence: z.string() })).min(1),
});

await appendFile(file, await render(await readRun()));

/** @returns null where this run was not begun, or has written nothing; what an earlier one has left says nothing of it */
async function readRun() {
  const path = join(reports, 'latest.json');
  const found = await stat(path).catch(() => null);
  if (started === '' || found === null || found.mtimeMs < Number(started) * 1000) return null;
  const latest = latestSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  return latest.data ?? null;
}

async function outputsOf(run: z.output<typeof latestSchema> | null): Promise<Record<string, string>> {
  if (run === null) return { verdict: 'could-not-run', rto: '', evidence: '' };
  const all = await Promise.all(run.rehearsals.map(({ evidence }) => readFile(join(reports, evidence), 'utf8')));
  const measured = all.map((text) => parseEvidence(text)?.objectives.rto.measuredMs ?? null);
  // Of several, what speaks against the run, or else the first.
  const shown = run.rehearsals.find(({ verdict }) => verdict === run.verdict) ?? run.rehearsals[0];
  return {
    verdict: run.verdict,
    rto: String(measured.find((ms) => ms !== null) ?? ''),
    evidence: join(reports, dirname(shown?.evidence ?? '')),
  };
}

/** A line each: what a line feed would add is no output of ours. */
async function render(run: z.output<typeof latestSchema> | null): Promise<string> {
  const outputs = Object.entries(await outputsOf(run));
  return outputs.map(([name, value]) => `${name}=${value.replaceAll(/[\r\n]/g, ' ')}\n`).join('');
}
