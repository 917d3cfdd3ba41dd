import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { makeIncident } from '../fixtures/testing/incidents.ts';
import { recordingPrograms, type RecordedSession } from '../fixtures/testing/recording.ts';
import { runRehearse, startCommand } from '../fixtures/testing/run-rehearse.ts';
import { sampleOf } from '../fixtures/testing/sample.ts';
import { makeServerDirectory, startServer } from '../fixtures/testing/servers.ts';
import { readEnvironment } from '../src/system/environment.ts';
import { detectEngine } from '../src/engine/detect.ts';
import { databaseUrl } from '../src/postgres/connection.ts';

/** As our own sessions send it, and PostgreSQL's programs. */
const pin = /^select pg_catalog\.set_config\('search_path', '', false\);?$/i;

/**
 * Sessions that run what a person wrote as psql or an application would, in the database that it is about and with the rights
 * of its owner: with another search_path, it would be another statement.
 */
const ofPeople: { who: string; isIt: (session: RecordedSession) => boolean }[] = [
  { who: 'psql with a seed', isIt: ({ first }) => /^(?:create table|insert into) roles /.test(first ?? '') },
  { who: 'psql with a plain dump', isIt: ({ first }) => first === 'SET statement_timeout = 0;' },
  { who: 'the application', isIt: ({ application }) => application === '[unknown]' },
];

const rehearsals: [rehearsal: string, fewest: number][] = [
  ['clean-state', 15],
  ['live-writes', 15],
  ['side-by-side', 40],
  ['fixtures/damaged/fault-missed.rehearsal.ts', 60],
];

describeEngine('local', 'every session', () => {
  test.each(sampleOf(rehearsals, () => 'any'))(
    'of %s pins the search_path in its first statement',
    async (rehearsal, fewest) => {
      const recording = await recordingPrograms();
      const { output } = await runRehearse({
        engine: 'local',
        args: [rehearsal],
        env: { REHEARSAL_PG_BINDIR: recording.directory },
      });
      expect(output).toContain('verdict');
      expectPinned(await recording.sessions(), { fewest, owner: 'haircuttgbot' });
    },
  );

  test('of backup, restore and latest-backup does', async () => {
    const recording = await recordingPrograms();
    const environment = { ...readEnvironment(), postgresBinDirectory: recording.directory };
    const { signal } = new AbortController();
    const engine = await detectEngine({ engine: 'local', image: '' }, environment, signal);
    const server = await startServer('local', await makeServerDirectory(), {}, engine);
    onTestFinished(() => server[Symbol.asyncDispose]());
    const incident = await makeIncident(server);
    const { live, workspace, taken, restore } = incident;
    const owner = live.user;
    const before = (await recording.sessions()).length;
    const sessionsOf = async (run: () => Promise<{ exitCode?: number | undefined; all?: string; output?: string }>) => {
      const start = (await recording.sessions()).length;
      const { exitCode, all, output } = await run();
      expect(exitCode, all ?? output).toBe(0);
      return (await recording.sessions()).slice(start);
    };
    expect(before).toBeGreaterThan(5);
    const backup = [
      '--config',
      join(workspace, 'profile.mjs'),
      '--url',
      databaseUrl(live),
      '--dir',
      join(workspace, 'b'),
    ];
    expectPinned(await sessionsOf(() => startCommand('backup', backup, { TMPDIR: workspace })), { fewest: 4, owner });
    expectPinned(await sessionsOf(() => restore()), { fewest: 12, owner });
    expectPinned(await sessionsOf(() => restore('--switch')), { fewest: 8, owner });
    expectPinned(await sessionsOf(() => restore('--rollback')), { fewest: 3, owner });
    const rehearse = ['latest-backup', '--config', join(workspace, 'profile.mjs'), '--backup', taken.set.dump];
    const bindir = { REHEARSAL_PG_BINDIR: recording.directory };
    const rehearsed = await sessionsOf(() => runRehearse({ engine: 'local', args: rehearse, env: bindir }));
    expectPinned(rehearsed, { fewest: 10, owner });
    // It only looks at programs.
    expect(await sessionsOf(() => startCommand('doctor', ['--engine', 'local'], bindir))).toEqual([]);
  });
});

function expectPinned(sessions: RecordedSession[], { fewest, owner }: { fewest: number; owner: string }): void {
  const pinned = sessions.filter(({ first }) => first !== null && pin.test(first));
  const others = sessions.filter(({ first }) => first !== null && !pin.test(first));
  expect(others.filter((session) => session.user !== owner || !ofPeople.some(({ isIt }) => isIt(session)))).toEqual([]);
  expect(pinned.length).toBeGreaterThanOrEqual(fewest);
}
