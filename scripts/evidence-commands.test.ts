import { execa } from 'execa';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeEvidence } from '../fixtures/testing/evidence.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { receive, say } from '../fixtures/testing/receiver.ts';
import { startCommand } from '../fixtures/testing/run-rehearse.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import type { DrillStatus } from '../src/evidence/ledger/drills.ts';
import { recordEvidence } from '../src/evidence/ledger/record.ts';
import type { Evidence } from '../src/evidence/schema.ts';
import { generateKey } from '../src/evidence/sign/generate-key.ts';

const evil = `a"<b>,\u001b[31m\u202e|\n${'ü'.repeat(25)}`;
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const hour = 3_600_000;

interface Run extends Partial<Evidence> {
  hoursAgo: number;
  database?: string;
}

/** A directory with evidence of these runs. */
async function makeReports(runs: Run[], frequencyMs: number | null = null): Promise<string> {
  const reports = join(await makeWorkspace(), 'reports');
  await mkdir(reports);
  for (const { hoursAgo, database = 'shop', ...changes } of runs) {
    const start = Date.now() - hoursAgo * hour;
    const times = { startedAt: new Date(start).toISOString(), finishedAt: new Date(start + 1000).toISOString() };
    const about = { profile: 'p', database, server: null, data: 'backup' as const, host: 'h', label: null };
    const evidence = makeEvidence({ id: randomUUID(), about, ...times, ...changes });
    await recordEvidence(reports, evidence, {}, undefined, frequencyMs);
  }
  return reports;
}

async function evidence(words: string[], env: Record<string, string> = {}) {
  const { exitCode, all, stdout } = await startCommand(`evidence ${words[0] ?? ''}`, words.slice(1), env);
  return { exitCode, all, stdout };
}

test.for<[string, Run[], number, RegExp]>([
  [
    'in time and verified',
    [{ hoursAgo: 10 }],
    0,
    /clean-state {2}verified .* 10h .*10h ago[^]*All are as they have to be/,
  ],
  ['overdue', [{ hoursAgo: 62 * 24 + 1 }], 1, /overdue .*62d[^]*1 of 1: 1 overdue/],
  ['red', [{ hoursAgo: 1, verdict: 'not-verified' }], 1, /not-verified .*never[^]*the last run of 1 is not verified/],
  ['overdue and red', [{ hoursAgo: 99, verdict: 'could-not-run' }], 1, /overdue, could-not-run/],
  ['from the future', [{ hoursAgo: -99 }], 1, /never ran[^]*one of the two clocks is wrong/],
  ['nothing', [], 2, /Nothing has run/],
])('status of a drill that is %s', async ([, runs, status, text]) => {
  const reports = await makeReports(runs);
  const { exitCode, all } = await evidence(['status', reports, '--frequency', '24h']);
  expect(all).toMatch(text);
  expect(exitCode, all).toBe(status);
  const table = all.split('\n').filter((line) => line.startsWith('    '));
  for (const line of table) expect(line.length, line).toBeLessThanOrEqual(80);
});

test('status tells a webhook of what is overdue, and of nothing else', async () => {
  const chat = await receive(say(200, 'ok'));
  const env = { REHEARSAL_WEBHOOK: chat.url.href };
  const args = ['--frequency', '24h', '--notify'];
  const red = await makeReports([{ hoursAgo: 1, verdict: 'not-verified' }]);
  expect((await evidence(['status', red, ...args], env)).exitCode).toBe(1);
  expect(chat.received).toEqual([]);
  const silent = await makeReports([{ hoursAgo: 62 * 24 + 1 }, { hoursAgo: 1, rehearsal: 'latest-backup' }]);
  const { exitCode, all } = await evidence(['status', silent, ...args], env);
  expect(exitCode, all).toBe(1);
  expect(all).not.toContain('SECRET');
  expect(chat.received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    {
      text: expect.stringMatching(
        /^Restore rehearsal overdue: clean-state of shop\n- clean-state of shop: last ran 62 days ago, at \S+Z: verified$/,
      ) as unknown,
    },
  ]);
});

test('status says what it could not tell, and keeps it for the next run', async () => {
  const gone = await receive(say(404, 'no_service'));
  const silent = await makeReports([{ hoursAgo: 99 }]);
  const args = ['status', silent, '--frequency', '24h', '--notify'];
  const { exitCode, all } = await evidence(args, { REHEARSAL_WEBHOOK: gone.url.href });
  expect(all).toContain(`NOT_DELIVERED  webhook: ${gone.host} answered 404: no_service.`);
  expect(exitCode).toBe(1);
  expect(JSON.parse(await readFile(join(silent, 'undelivered.json'), 'utf8'))).toMatchObject([{ what: 'webhook' }]);
  const nowhere = await evidence(args);
  expect(nowhere.all).toContain('--notify needs the address of a webhook');
  expect(nowhere.exitCode).toBe(2);
});

test('the profile says the frequency, and which database was never rehearsed', async () => {
  const reports = await makeReports([{ hoursAgo: 30 }]);
  const profile = await makeProfile({ evidence: { directory: reports, frequency: '24h' } });
  const { exitCode, stdout } = await evidence(['status', '--config', profile, '--json']);
  expect(exitCode).toBe(1);
  const { frequencyMs, drills } = JSON.parse(stdout) as { frequencyMs: number; drills: DrillStatus[] };
  expect(frequencyMs).toBe(24 * hour);
  expect(drills).toMatchObject([{ database: 'shop', overdue: true, state: 'verified' }, { state: 'never-ran' }]);
});

test('what is retired is not overdue any more', async () => {
  const reports = await makeReports([{ hoursAgo: 500, rehearsal: 'old' }, { hoursAgo: 1 }]);
  const frequency = ['--frequency', '1d'];
  expect((await evidence(['status', reports, ...frequency])).exitCode).toBe(1);
  expect((await evidence(['status', reports, ...frequency, '--only', 'clean-state'])).exitCode).toBe(0);
  const [old = ''] = (await readdir(reports)).filter((name) => name.endsWith('-old'));
  const retire = ['note', old, '--reports', reports, '--by', 'Ada', '--retire'];
  expect((await evidence(retire)).all).toContain('Say why it is retired');
  expect((await evidence([...retire, '--text', 'sold'])).exitCode).toBe(0);
  const { exitCode, all } = await evidence(['status', reports, ...frequency]);
  expect(all).toMatch(/old +retired/);
  expect(exitCode).toBe(0);
});

test('a silence is a warning in the next evidence, and changes no verdict', async () => {
  const reports = await makeReports([{ hoursAgo: 62 * 24 }, { hoursAgo: 0 }], 24 * hour);
  const [, name = ''] = (await readdir(reports)).filter((entry) => entry.endsWith('-clean-state')).toSorted();
  const { findings, verdict } = JSON.parse(await readFile(join(reports, name, 'evidence.json'), 'utf8')) as Evidence;
  expect(findings).toMatchObject([{ rule: 'DRILL_GAP', severity: 'warning' }]);
  expect(findings[0]?.message).toMatch(/^6[12] days between this rehearsal and the one before/);
  expect(verdict).toBe('verified');
});

test('list and show name every run, and hand no escape sequence on', async () => {
  const reports = await makeReports([
    { hoursAgo: 2, database: evil },
    { hoursAgo: 1, verdict: 'not-verified' },
  ]);
  const all = JSON.parse((await evidence(['list', reports, '--json'])).stdout) as { id: string; verdict: string }[];
  expect(all.map(({ verdict }) => verdict)).toEqual(['verified', 'not-verified']);
  const red = JSON.parse((await evidence(['list', reports, '--verdict', 'not-verified', '--json'])).stdout) as object[];
  expect(red).toHaveLength(1);
  const ofShop = await evidence(['list', reports, '--database', 'shop']);
  expect(ofShop.all).toMatch(/1 run of 2/);
  const id = all[0]?.id ?? '';
  const text = `${evil}\nsecond line`;
  const note = ['note', id.slice(0, 8), '--reports', reports, '--by', evil, '--action', 'https://t/1', '--text', text];
  expect((await evidence([...note, '--sign-off'])).exitCode).toBe(0);
  for (const words of [['list', reports], ['show', id.slice(0, 8), '--reports', reports], ['status', reports], note]) {
    const shown = await evidence(words);
    expect(shown.all).not.toMatch(control);
    expect(shown.all.split('\n').filter((line) => line.startsWith('second line'))).toEqual([]);
  }
  const shown = await evidence(['show', id, '--reports', reports]);
  expect(shown.all).toContain('https://t/1');
  expect(shown.all).toContain('reviewed and signed off');
});

test('show says when evidence is not what the run wrote', async () => {
  const reports = await makeReports([{ hoursAgo: 1 }]);
  const [name = ''] = (await readdir(reports)).filter((entry) => entry.endsWith('-clean-state'));
  const path = join(reports, name, 'evidence.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('3 rows', '4 rows'));
  const { exitCode, all } = await evidence(['show', name, '--reports', reports]);
  expect(all).toContain('evidence.json was changed');
  expect(exitCode).toBe(1);
});

test.for<[string[], RegExp]>([
  [['list', 'nowhere'], /There is no directory/],
  [['show'], /Name one run/],
  [['show', 'a', 'b'], /Name one run, not a and b/],
  [['note', 'a', '--by', 'x'], /The note says nothing/],
  [['note', 'a', '--text', 'x'], /Say who you are/],
  [['note', 'a', '--by', ' ', '--text', 'x'], /Say who you are/],
  [['note', 'a', '--by', 'x', '--text', 'y'.repeat(4001)], /4001 characters; 4000 are the most/],
  [['status', '--frequency', 'daily'], /--frequency takes a time like 30m/],
  [['list', '--verdict', 'red'], /There is no verdict "red"/],
  [['export', '--out', 'a.zip'], /Name the period/],
  [['export', '--from', '2026-02-30', '--to', '2026-03-31', '--out', 'a.zip'], /--from takes a day/],
  [['export', '--from', '2026-04-01', '--to', '2026-03-30', '--out', 'a.zip'], /has to be before --to/],
  [['export', '--from', '2026-03-01', '--to', '2026-03-30'], /--out FILE.zip/],
  [['export', '--from', '2026-03-01', '--to', '2026-03-30', '--out', '/no/such/a.zip'], /no such directory/],
])('refused: %j', async ([words, message]) => {
  const { exitCode, all } = await evidence(words);
  expect(all).toMatch(message);
  expect(exitCode).toBe(2);
});

test('a package holds what an auditor needs, and both verifiers accept it', { timeout: 240_000 }, async () => {
  const reports = await makeReports([
    { hoursAgo: 24 * 40 },
    { hoursAgo: 24 * 9, database: evil },
    { hoursAgo: 24 * 8 },
  ]);
  const workspace = await makeWorkspace();
  const { publicFile, fingerprint } = await generateKey(join(workspace, 'evidence.key'));
  const out = join(workspace, 'package.zip');
  const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 24 * hour).toISOString().slice(0, 10);
  const period = ['--from', day(20), '--to', day(1)];
  const words = ['export', reports, ...period, '--out', out, '--frequency', '24h', '--public-key', publicFile];
  const made = await evidence(words);
  expect(made.exitCode, made.all).toBe(0);
  expect((await evidence(words)).all).toContain('is there already. Name another, or give --force.');

  await execa('unzip', ['-t', out]);
  const unpacked = join(workspace, 'unpacked');
  await execa('unzip', ['-q', out, '-d', unpacked]);
  const names = await readdir(unpacked);
  expect(names).toEqual(
    expect.arrayContaining([
      'README.md',
      'coverage.md',
      'coverage.json',
      'evidence',
      'evidence.key.pub',
      'verify-evidence.py',
    ]),
  );
  const readme = await readFile(join(unpacked, 'README.md'), 'utf8');
  expect(readme).toContain(fingerprint);
  const coverage = await readFile(join(unpacked, 'coverage.md'), 'utf8');
  expect(coverage).not.toMatch(control);
  expect(coverage).toMatch(/## Gaps[^]*clean-state of shop/);
  if (names.includes('coverage.pdf')) {
    expect((await readFile(join(unpacked, 'coverage.pdf'))).subarray(0, 5).toString()).toBe('%PDF-');
  } else expect(readme).toContain('There is no PDF');

  const directory = join(unpacked, 'evidence');
  expect((await readdir(directory)).length).toBe(3);
  const python = (...args: string[]) =>
    execa('python3', [join(unpacked, 'verify-evidence.py'), directory, ...args], { reject: false });
  expect((await evidence(['verify', directory, ...period])).exitCode).toBe(0);
  expect((await python(...period)).exitCode).toBe(0);
  // The line of the run before the period is there, and its evidence is not.
  expect((await evidence(['verify', directory])).all).toContain('EVIDENCE_MISSING');
  expect((await python()).exitCode).toBe(1);

  const [run = ''] = (await readdir(directory)).filter((name) => name.endsWith('-clean-state'));
  await rm(join(directory, run), { recursive: true });
  expect((await evidence(['verify', directory, ...period])).all).toContain('EVIDENCE_MISSING');
  expect((await python(...period)).exitCode).toBe(1);
});

test('what was changed is packed, named, and no success', { timeout: 240_000 }, async () => {
  const reports = await makeReports([{ hoursAgo: 3 }, { hoursAgo: 2 }]);
  const [name = ''] = (await readdir(reports)).filter((entry) => entry.endsWith('-clean-state'));
  await appendFile(join(reports, name, 'evidence.md'), 'more');
  const out = join(await makeWorkspace(), 'package.zip');
  const made = await evidence(['export', reports, '--from', '2020-01-01', '--to', '2099-01-01', '--out', out]);
  expect(made.all).toContain('EVIDENCE_CHANGED');
  expect(made.exitCode).toBe(1);
  const { stdout } = await execa('unzip', ['-p', out, 'README.md']);
  expect(stdout).toContain('What this was made from is not as it was written: EVIDENCE\\_CHANGED');
});
