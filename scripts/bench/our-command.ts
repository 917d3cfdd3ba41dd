import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { evidenceSchema, type Evidence } from '../../src/evidence/schema.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Starts one of our commands as a clone does, and waits for its end. @throws Error with its output, unless its status is 0 */
export async function runOurCommand(args: string[], watch: (pid: number) => void = () => undefined): Promise<void> {
  const child = execa(process.execPath, ['scripts/start.mjs', ...args], { cwd: root, all: true });
  if (child.pid !== undefined) watch(child.pid);
  await child;
}

/** What a command writes reports into; gone afterwards. */
export async function withReports<Result>(body: (reports: string) => Promise<Result>): Promise<Result> {
  const reports = await mkdtemp(join(tmpdir(), 'restore-rehearsal-bench-'));
  try {
    return await body(reports);
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

/** The evidence of the newest run of a rehearsal. */
export async function newestEvidence(reports: string): Promise<Evidence> {
  const runs = (await readdir(reports)).filter((name) => /^\d{8}T\d{6}Z-/.test(name)).sort();
  const newest = runs.at(-1);
  if (newest === undefined) throw new Error(`There is no run in ${reports}.`);
  return evidenceSchema.parse(JSON.parse(await readFile(join(reports, newest, 'evidence.json'), 'utf8')));
}
