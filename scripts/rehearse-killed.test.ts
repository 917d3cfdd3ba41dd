import { execa } from 'execa';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeEitherEngine } from '../fixtures/testing/engines.ts';
import { findRunning } from '../fixtures/testing/leftovers.ts';
import { endProcess } from '../fixtures/testing/processes.ts';
import { makeProfile, respond } from '../fixtures/testing/profiles.ts';
import { seededRandom } from '../fixtures/testing/random.ts';
import { listLeft, makePlace, startScript, type Place } from '../fixtures/testing/run-rehearse.ts';
import { isLongRun } from '../fixtures/testing/sample.ts';
import { untilHit } from '../fixtures/testing/until-hit.ts';
import type { EngineName } from '../src/config/profile.ts';
import { parsePrivateName } from '../src/system/private-directory.ts';
import { verifyLedger } from '../src/evidence/ledger/verify.ts';
import { evidenceSchema } from '../src/evidence/schema.ts';

const kills = Number(process.env['REHEARSAL_TEST_KILLS'] ?? (isLongRun ? 50 : 3));
const seed = Number(process.env['REHEARSAL_TEST_SEED'] ?? 2026);
/** What index.html was made of, for the next time. */
const historyCache = '.history.json';

/** What latest.json said before. */
const oldState = { verdict: 'verified', rehearsals: [] };
const emptyRun = { verdict: 'could-not-run', rehearsals: [], newest: [] };

describeEitherEngine(`a rehearsal that is killed (REHEARSAL_TEST_SEED=${seed})`, (engine) => {
  const measured = { durationMs: 0 };

  test('is measured while it is not', async () => {
    const place = await makeUsedPlace();
    const startedAt = performance.now();
    const { exitCode } = await rehearse(engine, place);
    measured.durationMs = performance.now() - startedAt;
    expect(exitCode).toBe(0);
    expect(await findEverything(engine, place)).toEqual([]);
  });

  test.for(planKills())(
    'at $moment of its course, $victim; the next start of $next leaves nothing',
    async ({ moment, victim, next }) => {
      const { place, pid } = await untilHit(async (part) => {
        const used = await makeUsedPlace();
        const child = rehearse(engine, used);
        await Promise.race([child, delay(part * moment * measured.durationMs)]);
        const hit = await killVictims(victim, child);
        await child;
        return hit ? { place: used, pid: child.pid } : null;
      });

      await expectWholeEvidence(place.reports);
      if (victim === 'the command alone') {
        // Its worker removes everything by itself, save what was the command's own.
        const isWorkers = (name: string) => parsePrivateName(name)?.owner.pid !== pid;
        const findWorkers = async () => (await findEverything(engine, place)).filter(isWorkers);
        await expect.poll(findWorkers, { timeout: 45_000 }).toEqual([]);
      }
      const { exitCode, all } = await (next === 'rehearse'
        ? rehearse(engine, place)
        : startScript('doctor', place, ['--clean']));
      expect(all).not.toContain('could not remove');
      expect(exitCode).toBe(0);
      expect(await findEverything(engine, place)).toEqual([]);
      const names = await readdir(place.reports);
      expect(names.filter((name) => name.startsWith('.') && name !== historyCache)).toEqual([]);
      await expectWholeEvidence(place.reports);
    },
  );
});

describeEitherEngine('a worker whose command is killed', (engine) => {
  test('does not go on for itself: it removes everything at once, and ends', async () => {
    const place = await makePlace();
    // It would wait for a long time.
    const app = { ...respond('answer(async () => [503, {}])'), health: { withinMs: 110_000 } };
    const child = startScript('rehearse', place, ['--engine', engine, '--config', await makeProfile({ app })]);
    let seen = '';
    child.all.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await expect.poll(() => seen, { timeout: 60_000 }).toContain('✔ Seed the baseline data');
    endProcess(child.pid ?? 0);
    await child;

    const isWorkers = (name: string) => parsePrivateName(name)?.owner.pid !== child.pid;
    const findWorkers = async () => (await findEverything(engine, place)).filter(isWorkers);
    expect(await findWorkers()).not.toEqual([]);
    await expect.poll(findWorkers, { timeout: 20_000 }).toEqual([]);
  });
});

type Victim = 'the command alone' | 'its worker alone' | 'the whole group';

function planKills() {
  const random = seededRandom(seed);
  const victims: Victim[] = ['the whole group', 'the command alone', 'its worker alone', 'the whole group'];
  return Array.from({ length: kills }, (_, index) => ({
    moment: Number(random().toFixed(3)),
    victim: victims[index % victims.length] ?? 'the whole group',
    next: index % 5 === 0 ? ('rehearse' as const) : ('doctor --clean' as const),
  }));
}

async function makeUsedPlace(): Promise<Place> {
  const place = await makePlace();
  await mkdir(place.reports);
  await writeFile(join(place.reports, 'latest.json'), JSON.stringify(oldState));
  return place;
}

function rehearse(engine: EngineName, place: Place) {
  return startScript('rehearse', place, ['--engine', engine]);
}

/** Kills them once they are there. Resolves with whether any was. */
async function killVictims(victim: Victim, child: ReturnType<typeof rehearse>): Promise<boolean> {
  for (;;) {
    const victims = await findVictims(victim, child.pid ?? 0);
    victims.forEach(endProcess);
    if (victims.length > 0) return true;
    if (child.exitCode !== null || child.signalCode !== null) return false;
  }
}

/** The processes of the group that are to be killed; none where it has ended. The worker is a child of the command. */
async function findVictims(victim: Victim, command: number): Promise<number[]> {
  const { stdout } = await execa('ps', ['-e', '-o', 'pid=,pgid=,args=']);
  const group = [...stdout.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)]
    .filter(([, , pgid]) => Number(pgid) === command)
    .map(([, pid, , args = '']) => ({ pid: Number(pid), isWorker: args.includes('/rehearsal-worker.mjs') }));
  return group
    .filter(({ pid, isWorker }) => {
      if (victim === 'the whole group') return true;
      return victim === 'the command alone' ? pid === command : isWorker;
    })
    .map(({ pid }) => pid);
}

async function findEverything(engine: EngineName, { temporaryDirectory }: Place): Promise<string[]> {
  const [files, running] = await Promise.all([listLeft(temporaryDirectory), findRunning(engine, temporaryDirectory)]);
  return [...files, ...running];
}

/** Who reads the reports now sees the old state or the new one. */
async function expectWholeEvidence(reports: string): Promise<void> {
  const read = (...path: string[]) => readFile(join(reports, ...path), 'utf8');
  const names = (await readdir(reports)).filter((name) => !name.startsWith('.') && !/\.(?:jsonl?|html)$/.test(name));
  for (const name of names) {
    expect((await readdir(join(reports, name))).toSorted()).toEqual(
      expect.arrayContaining(['evidence.json', 'evidence.md']),
    );
    evidenceSchema.parse(JSON.parse(await read(name, 'evidence.json')));
    expect(await read(name, 'evidence.md')).toMatch(/\n$/);
  }
  const latest = JSON.parse(await read('latest.json')) as { rehearsals: { evidence: string }[] };
  // A worker that is killed before it has read its suite leaves a run without rehearsals.
  if (latest.rehearsals.length === 0) expect([oldState, emptyRun]).toContainEqual(latest);
  const { problem } = await verifyLedger(reports, { expectedHead: null });
  // Killed before the first line, in the middle of one, or between evidence and its line.
  expect([undefined, 'LEDGER_MISSING', 'LINE_CUT', 'EVIDENCE_ADDED']).toContain(problem?.code);
  for (const { evidence } of latest.rehearsals) evidenceSchema.parse(JSON.parse(await read(evidence)));
}
