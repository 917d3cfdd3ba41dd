import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { receive, reset, say } from '../fixtures/testing/receiver.ts';
import { makePlace, startScript, type Place } from '../fixtures/testing/run-rehearse.ts';
import { parseMetrics } from '../src/evidence/metrics/text.ts';

interface Run extends Place {
  exitCode: number | undefined;
  output: string;
}

/** Runs one of the suites in fixtures/damaged/, which needs no server. */
async function rehearse(
  suite: string,
  {
    place,
    profile,
    args = [],
    env = {},
  }: { place?: Place; profile?: string; args?: string[]; env?: Record<string, string> },
): Promise<Run> {
  const where = place ?? (await makePlace());
  const config = profile === undefined ? [] : ['--config', profile];
  const { exitCode, all } = await startScript(
    'rehearse',
    where,
    [`fixtures/damaged/${suite}.rehearsal.ts`, ...config, ...args],
    env,
  );
  return { ...where, exitCode, output: all };
}

/** A profile whose rehearsal comes to that. */
const profileFor = (name: string, evidence: object = {}) => makeProfile({ name, evidence });

async function latestEvidence({
  reports,
}: Place): Promise<{ verdict: string; findings: { rule: string; message: string }[] }> {
  const latest = JSON.parse(await readFile(join(reports, 'latest.json'), 'utf8')) as {
    rehearsals: { evidence: string }[];
  };
  return JSON.parse(await readFile(join(reports, latest.rehearsals[0]?.evidence ?? ''), 'utf8')) as never;
}

test.for([
  ['as-named', 1, 'ROW_LOST: Row &lt;3&gt; &amp; &quot;more&quot; ]]&gt; went missing What to do: Bring it back.'],
  ['stray-rejection', 2, 'nobody waits for this'],
  ['unloadable', 2, 'rehearsal was not defined'],
  ['worker-ends', 2, 'was ended from outside'],
] as const)('JUnit shows %s as the failure that it is', async ([suite, status, reason]) => {
  const place = await makePlace();
  const file = join(place.temporaryDirectory, 'deep', 'junit.xml');
  const { exitCode, output } = await rehearse(suite, {
    place,
    profile: await profileFor('ROW_LOST'),
    args: ['--junit', file],
  });
  expect(exitCode, output).toBe(status);
  const xml = await readFile(file, 'utf8');
  const verdict = xml.split('name="Verdict"')[1] ?? '';
  expect(verdict).toContain(`<failure message="${status === 1 ? 'not-verified' : 'could-not-run'}\n`);
  expect(verdict).toContain(reason);
  expect(xml).toMatch(/^<testsuites name="restore rehearsals" tests="\d+" failures="[1-9]/m);
  // What did not come to its end is no case that has passed.
  const passed = [...xml.matchAll(/<testcase [^>]*name="([^"]*)"[^>]*>([^]*?)<\/testcase>/g)].filter(
    ([, , body = '']) => !/<(?:failure|skipped)/.test(body),
  );
  expect(passed.map(([, name]) => name)).toEqual(suite === 'stray-rejection' ? ['Pass'] : []);
});

test('JUnit of what is verified has no failure, and what an earlier run left is gone where this one cannot start', async () => {
  const place = await makePlace();
  const file = join(place.temporaryDirectory, 'junit.xml');
  const { exitCode, output } = await rehearse('as-named', {
    place,
    profile: await profileFor('verified'),
    args: ['--junit', file],
  });
  expect(exitCode, output).toBe(0);
  expect(await readFile(file, 'utf8')).toContain('tests="3" failures="0"');
  const broken = await rehearse('as-named', { place, args: ['--junit', file, '--config', '/nowhere.mjs'] });
  expect(broken.exitCode).toBe(2);
  expect(await readFile(file, 'utf8')).toBe('');
});

test('GitHub gets an annotation at the step that failed, and a summary of its own', async () => {
  const place = await makePlace();
  const summary = join(place.temporaryDirectory, 'summary.md');
  await writeFile(summary, 'of another command\n');
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
  const { output } = await rehearse('as-named', { place, profile: await profileFor('ROW_LOST'), env });
  const annotation = output.split('\n').filter((line) => line.startsWith('::'));
  expect(annotation).toHaveLength(1);
  expect(annotation[0]).toMatch(
    /^::error file=\S+as-named\.rehearsal\.ts,line=6,column=\d+::as-named of Else "where": not-verified%0AROW_LOST: Row <3> & "more" \]\]> went missing What to do: Bring it back\.$/,
  );
  const text = await readFile(summary, 'utf8');
  expect(text).toMatch(
    /^of another command\n❌ \*\*1 of 1 not-verified\*\*: as-named of Else "where" \(ROW\\_LOST\)\n/,
  );
  expect(text).toContain(
    '- **ROW_LOST** (error, \\</failure\\>\\<b\\>): Row \\<3\\> \\& "more" \\]\\]\\> went missing',
  );
  expect(text).not.toContain('Vitest');
});

test('a webhook hears of bad news, of the first good one after it, and no more; a heartbeat of good ones only', async () => {
  const place = await makePlace();
  const [chat, life] = [await receive(say(200, 'ok')), await receive(say(200, 'OK'))];
  const env = { REHEARSAL_WEBHOOK: chat.url.href, REHEARSAL_HEARTBEAT: life.url.href };
  const heard: [number, number][] = [];
  for (const name of ['verified', 'ROW_LOST', 'ROW_LOST', 'verified', 'verified']) {
    const { exitCode, output } = await rehearse('as-named', { place, profile: await profileFor(name), env });
    expect(exitCode, output).toBe(name === 'verified' ? 0 : 1);
    expect(output).not.toContain('SECRET');
    expect(output).not.toContain('NOT_DELIVERED');
    heard.push([chat.received.length, life.received.length]);
  }
  expect(heard).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 2],
    [3, 3],
  ]);
  const texts = chat.received.map(({ body }) => (JSON.parse(body) as { text: string }).text.split('\n')[0]);
  expect(texts).toEqual([
    'Restore rehearsal not verified: as-named of Else "where" (ROW_LOST)',
    'Restore rehearsal not verified: as-named of Else "where" (ROW_LOST)',
    'Restore rehearsal verified again: as-named of Else "where"',
  ]);
  expect(life.received[0]).toMatchObject({ method: 'GET', body: '' });
}, 300_000);

test('what is not delivered changes no verdict, is said at once, and is a finding of the next run', async () => {
  const place = await makePlace();
  const gone = await receive(say(404, 'no_service'));
  const args = ['--metrics', join(place.temporaryDirectory, 'nowhere', 'a.prom')];
  const env = { REHEARSAL_HEARTBEAT: gone.url.href, GITHUB_STEP_SUMMARY: '/dev/null/summary' };
  const profile = await profileFor('verified');
  const { exitCode, output } = await rehearse('as-named', { place, profile, args, env });
  expect(exitCode, output).toBe(0);
  expect(output).toContain(`NOT_DELIVERED  heartbeat: ${gone.host} answered 404: no_service.`);
  expect(output).toMatch(/NOT_DELIVERED {2}metrics: \S+a\.prom cannot be written: ENOENT/);
  expect(output).toMatch(/NOT_DELIVERED {2}stepSummary: /);
  expect((await latestEvidence(place)).findings).toEqual([]);

  const next = await rehearse('as-named', { place, profile });
  expect(next.exitCode).toBe(0);
  const { verdict, findings } = await latestEvidence(place);
  expect(verdict).toBe('verified');
  expect(findings.map(({ rule }) => rule)).toEqual(['NOT_DELIVERED', 'NOT_DELIVERED', 'NOT_DELIVERED']);
  expect(JSON.stringify(findings)).not.toContain('SECRET');
  expect(next.output).toContain(`NOT_DELIVERED  What the run of `);

  await rehearse('as-named', { place, profile });
  expect((await latestEvidence(place)).findings).toEqual([]);
}, 300_000);

test('a server that cuts every connection keeps no run for longer than the deadline, and metrics are written meanwhile', async () => {
  const place = await makePlace();
  const dead = await receive(reset);
  const metrics = join(place.temporaryDirectory, 'a.prom');
  const profile = await profileFor('verified', { heartbeat: dead.url.href, frequency: '24h' });
  const { exitCode, output } = await rehearse('as-named', { place, profile, args: ['--metrics', metrics] });
  expect(exitCode).toBe(0);
  expect(output).toMatch(
    new RegExp(`NOT_DELIVERED {2}heartbeat: ${dead.host} could not be reached: \\w+ \\(\\d attempts\\)`),
  );
  const samples = parseMetrics(await readFile(metrics, 'utf8'));
  expect(samples?.find(({ name }) => name.endsWith('frequency_seconds'))).toMatchObject({
    labels: { profile: 'verified', database: 'Else "where"', rehearsal: 'as-named' },
    value: 86_400,
  });
}, 300_000);

test.for<[string, { args?: string[]; env?: Record<string, string>; evidence?: object }, string]>([
  [
    'a webhook that is no address',
    { env: { REHEARSAL_WEBHOOK: 'hooks SECRET' } },
    'REHEARSAL_WEBHOOK has to be an address',
  ],
  [
    'a heartbeat that is a file',
    { env: { REHEARSAL_HEARTBEAT: 'file:///SECRET' } },
    'REHEARSAL_HEARTBEAT has to be an address',
  ],
  [
    'the same in the profile',
    { evidence: { webhook: 'SECRET' } },
    'evidence.webhook: has to be an address that starts with',
  ],
  [
    'metrics in a file of another kind',
    { args: ['--metrics', 'a.txt'] },
    '--metrics takes a file whose name ends in .prom',
  ],
  ['the same in the profile', { evidence: { metrics: 'a.txt' } }, 'evidence.metrics: has to end in .prom'],
  [
    'JUnit in a place that is none',
    { args: ['--junit', '/dev/null/a.xml'] },
    'The report for JUnit cannot be written to',
  ],
])('%s is refused before the first step', async ([, { args = [], env = {}, evidence }, message]) => {
  const { exitCode, output, reports } = await rehearse('as-named', {
    profile: await profileFor('verified', evidence),
    args,
    env,
  });
  expect(exitCode).toBe(2);
  expect(output).toContain(message);
  expect(output).not.toContain('SECRET');
  expect(existsSync(join(reports, 'latest.json'))).toBe(false);
});
