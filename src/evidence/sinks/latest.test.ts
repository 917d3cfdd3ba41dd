import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeEvidence, makeOutcome } from '../../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import type { Evidence } from '../schema.ts';
import type { Outcome } from '../outcome.ts';
import { nowhere } from './sink.ts';
import { publishAll, publishRun } from './table.ts';

const outcome = makeOutcome(makeEvidence(), 'x');
const entry = { rehearsal: 'clean-state', verdict: 'verified', evidence: 'x/evidence.json' };

function publish(reports: string, outcomes: Outcome[]): Promise<void> {
  return publishRun({ reports, outcomes, screen: { print: () => undefined, columns: null } });
}

test('latest.json has the verdicts of the last run, and where its evidence is', async () => {
  const reports = join(await makeWorkspace(), 'reports');
  const other = makeOutcome(makeEvidence({ rehearsal: 'upgrade', verdict: 'could-not-run' }), 'y');
  await publish(reports, [outcome, other]);
  const text = await readFile(join(reports, 'latest.json'), 'utf8');
  expect(JSON.parse(text)).toEqual({
    verdict: 'could-not-run',
    rehearsals: [entry, { rehearsal: 'upgrade', verdict: 'could-not-run', evidence: 'y/evidence.json' }],
    newest: expect.any(Array) as unknown,
  });
  expect(text).toMatch(/\n}\n$/);
});

test('it is replaced as a whole: who has opened the old one goes on reading it', async () => {
  const reports = await makeWorkspace();
  await publish(reports, [outcome]);
  const before = await stat(join(reports, 'latest.json'));
  await publish(reports, [makeOutcome(makeEvidence({ verdict: 'not-verified' }), 'x')]);
  const after = await stat(join(reports, 'latest.json'));
  expect(after.ino).not.toBe(before.ino);
  expect(JSON.parse(await readFile(join(reports, 'latest.json'), 'utf8'))).toMatchObject({ verdict: 'not-verified' });
  expect(await readdir(reports)).toEqual(['index.html', 'latest.json']);
});

test('a run without rehearsals verifies nothing', async () => {
  const reports = await makeWorkspace();
  await publish(reports, []);
  expect(JSON.parse(await readFile(join(reports, 'latest.json'), 'utf8'))).toEqual({
    verdict: 'could-not-run',
    rehearsals: [],
    newest: [],
  });
});

describe('the newest of each kind', () => {
  const of = (data: 'seeded' | 'backup' | 'live' | null, directory: string, changes: Partial<Evidence> = {}) => {
    const { about } = makeEvidence();
    return makeOutcome(makeEvidence({ about: about && { ...about, data }, ...changes }), directory);
  };
  const newestIn = async (reports: string) => {
    const { newest } = JSON.parse(await readFile(join(reports, 'latest.json'), 'utf8')) as {
      newest: { evidence: string; verdict: string }[];
    };
    return newest.map(({ evidence, verdict }) => `${evidence.replace(/\/.*/, '')} ${verdict}`);
  };

  test('a run of seeded data leaves the verdict on the backups, which the next one of backups replaces', async () => {
    const reports = await makeWorkspace();
    await publish(reports, [of('backup', 'red', { verdict: 'not-verified' })]);
    await publish(reports, [of('seeded', 'seeded')]);
    expect(await newestIn(reports)).toEqual(['seeded verified', 'red not-verified']);
    await publish(reports, [of('backup', 'green')]);
    expect(await newestIn(reports)).toEqual(['green verified', 'seeded verified']);
  });

  test('rehearsals, databases and profiles do not replace each other', async () => {
    const reports = await makeWorkspace();
    const { about } = makeEvidence();
    await publish(reports, [of('backup', 'first')]);
    await publish(reports, [of('backup', 'other rehearsal', { rehearsal: 'side-by-side' })]);
    await publish(reports, [
      of('backup', 'other database', { about: about && { ...about, data: 'backup', database: 'b' } }),
    ]);
    await publish(reports, [
      of('backup', 'other profile', { about: about && { ...about, data: 'backup', profile: 'b' } }),
    ]);
    expect(await newestIn(reports)).toHaveLength(4);
  });

  test('what did not come to its data leaves what did, and goes with the next one', async () => {
    const reports = await makeWorkspace();
    await publish(reports, [of('backup', 'green')]);
    await publish(reports, [of(null, 'no engine', { verdict: 'could-not-run' })]);
    expect(await newestIn(reports)).toEqual(['no engine could-not-run', 'green verified']);
    await publish(reports, [of('backup', 'next')]);
    expect(await newestIn(reports)).toEqual(['next verified']);
  });

  test.for(['{"verdict', '{"verdict":"verified","rehearsals":[]}', '{"newest":[{"a":1}]}', 'null'])(
    'a file that says nothing of it is replaced: %s',
    async (text) => {
      const reports = await makeWorkspace({ 'latest.json': text });
      await publish(reports, [of('backup', 'green')]);
      expect(await newestIn(reports)).toEqual(['green verified']);
    },
  );
});

test('where it cannot be written, whoever comes after it is told of the run all the same', async () => {
  const printed: string[] = [];
  const run = { reports: '/dev/null/reports', outcomes: [outcome], print: (text: string) => printed.push(text) };
  await expect(
    publishRun({ ...run, screen: { print: (text) => void run.print(text), columns: null } }),
  ).rejects.toThrow(/ENOTDIR|ENOENT/);
  expect(printed.join('\n')).toContain('verified');
});

test('of several that fail, the first is thrown once all have been tried', async () => {
  const told: string[] = [];
  const failing = (name: string) => ({
    publish: () => {
      told.push(name);
      throw new Error(name);
    },
  });
  const run = {
    reports: '',
    outcomes: [],
    verdict: 'verified' as const,
    screen: { print: () => undefined, columns: null },
    destinations: nowhere,
    remarks: [],
  };
  await expect(publishAll([failing('a'), failing('b')], run)).rejects.toThrow('a');
  expect(told).toEqual(['a', 'b']);
});
