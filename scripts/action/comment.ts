/** A step of action.yml: writes what a run has come to below a pull request, in place of what it wrote there before. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const {
  GITHUB_API_URL: api = 'https://api.github.com',
  GITHUB_REPOSITORY: repository = '',
  GITHUB_JOB: job = '',
  GITHUB_TOKEN: token = '',
  PULL_REQUEST: pullRequest = '',
  RUNNER_TEMP: temporary = '',
  VERDICT: verdict = 'could-not-run',
} = process.env;

/** GitHub takes 65,536 characters. */
const longest = 60_000;
/** Each job has a comment of its own. */
const mark = `<!-- restore-rehearsal ${job.replaceAll(/[^\w.-]/g, '_')} -->`;
const withinMs = 30_000;
const comments = z.array(z.object({ id: z.int(), body: z.string().nullish() }));
const perPage = 100;

if (/^\d+$/.test(pullRequest)) await tell();
else console.log('This run is of no pull request: there is nothing to write below.');

async function tell(): Promise<void> {
  const summary = await readFile(join(temporary, 'restore-rehearsal.md'), 'utf8').catch(() => '');
  const text = summary.trim() === '' ? `Restore rehearsal: ${verdict}. The log of the job says why.` : summary;
  const body = `${mark}\n${text.slice(0, longest)}`;
  const before = await findComment();
  if (before === null) await ask('POST', `/repos/${repository}/issues/${pullRequest}/comments`, { body });
  else await ask('PATCH', `/repos/${repository}/issues/comments/${before}`, { body });
}

async function findComment(page = 1): Promise<number | null> {
  const path = `/repos/${repository}/issues/${pullRequest}/comments?per_page=${perPage}&page=${page}`;
  const found = comments.parse(await ask('GET', path));
  const ours = found.find(({ body }) => body?.startsWith(mark) === true);
  if (ours !== undefined) return ours.id;
  return found.length < perPage ? null : findComment(page + 1);
}

async function ask(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(withinMs),
    ...(body && { body: JSON.stringify(body) }),
  });
  if (response.ok) return response.json();
  const hint =
    response.status === 403
      ? ' The job needs permissions: pull-requests: write, which a pull request of a fork never has.'
      : '';
  throw new Error(`GitHub answers ${response.status} to ${method} ${path}.${hint}`);
}
