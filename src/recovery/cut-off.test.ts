import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import {
  setStage,
  switchAsCommand,
  switchTo,
  type LiveNow,
  type Scene,
  type Stage,
} from '../../fixtures/testing/incident-stage.ts';
import { rowsBackedUp, rowsLeft } from '../../fixtures/testing/incidents.ts';
import { openGate, type MessageGate, type Place } from '../../fixtures/testing/message-gate.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { RecoveryServer } from './recovery-server.ts';
import { rollBack } from './switch-over.ts';

type Work = (server: RecoveryServer, stage: Stage) => Promise<unknown>;

/** What is done on a scene, and what it leads to. */
interface Act {
  scene: Scene;
  work: Work;
  /** As many as there are in the live database. */
  notes: { before: number; after: number };
  /** Of the other database. */
  other: { before: RegExp; after: RegExp };
  /** Messages that there are at least. */
  atLeast: number;
}

const goBack = (server: RecoveryServer) => rollBack(server, new Date());
const beside = { restored: /_restore_/, kept: /_before_/ };

const acts: Record<'switch' | 'rollback', Act> = {
  switch: {
    scene: 'restored',
    work: async (opened, stage) => switchTo(opened, await stage.readRestored()),
    notes: { before: rowsLeft, after: rowsBackedUp },
    other: { before: beside.restored, after: beside.kept },
    atLeast: 200,
  },
  rollback: {
    scene: 'switched',
    work: goBack,
    notes: { before: rowsBackedUp, after: rowsLeft },
    other: { before: beside.kept, after: beside.restored },
    atLeast: 30,
  },
};

/** As when the process is killed: all of its connections end once the message was sent. Or one breaks before it is sent. */
const cuts = {
  killed: { decision: 'cut after', all: true },
  'cut off': { decision: 'cut before', all: false },
} as const;

describeEngine('local', 'wherever it comes to its end,', (engine) => {
  const server = useServer(engine);

  test.for([
    ['switch', 'killed'],
    ['switch', 'cut off'],
    ['rollback', 'killed'],
    ['rollback', 'cut off'],
  ] as const)(
    'a %s that is %s leaves one live database, and can be done again',
    { timeout: 7_200_000 },
    async ([what, how]) => {
      // prettier-ignore
      const act = acts[what];
      const stage = await setStage(server());
      const gate = await openGate({ host: stage.admin.host, port: stage.admin.port });
      await stage.set(act.scene);
      const before = await stage.lookAtLive();
      const places = await listPlaces(stage, gate, act);
      expect(places.length).toBeGreaterThan(act.atLeast);
      const failures: string[] = [];
      for (const place of sampleOf(places, ({ isOfExchange }) => isOfExchange, 3)) {
        await stage.set(act.scene);
        await cutAt(place, cuts[how], { stage, gate, act })
          .then(() => expectGood(stage, act, before))
          .catch((error: unknown) => failures.push(`${describe(place)}: ${explain(error)}`));
      }
      expect(failures).toEqual([]);
    },
  );
});

interface Message extends Place {
  sql: string | null;
  /** Whether names are being exchanged, or it is about to come to an end. */
  isOfExchange: boolean;
}

/** All messages, save those of the session that looks for others again and again. */
async function listPlaces(stage: Stage, gate: MessageGate, act: Act): Promise<Message[]> {
  const places: Message[] = [];
  let isOfExchange = false;
  await stage.withServer(async (server) => {
    gate.ask(({ connection, message, sql }) => {
      isOfExchange ||= sql?.includes(' rename to ') === true;
      places.push({ connection, message, sql, isOfExchange });
      return 'through';
    });
    await act.work(server, stage);
    gate.ask(null);
  }, gate.address);
  const looksForSessions = ({ sql }: Message) => sql?.includes('pg_catalog.pg_locks as lock') === true;
  const helper = places.find(looksForSessions);
  const again = places.filter(looksForSessions)[1] ?? null;
  return places.filter(
    ({ connection, message }) => connection !== helper?.connection || message < (again?.message ?? helper.message + 5),
  );
}

interface Setting {
  stage: Stage;
  gate: MessageGate;
  act: Act;
}

async function cutAt(
  place: Place,
  { decision, all }: (typeof cuts)[keyof typeof cuts],
  { stage, gate, act }: Setting,
): Promise<void> {
  let happened = false;
  const work = stage.withServer(async (server) => {
    gate.ask(({ connection, message }) => {
      if (connection !== place.connection || message !== place.message) return 'through';
      happened = true;
      if (all) setImmediate(gate.close);
      return decision;
    });
    await act.work(server, stage);
  }, gate.address);
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  gate.ask(null);
  gate.open();
  expect(happened, `the connection is cut there: ${String(error)}`).toBe(true);
  // Who was killed says nothing.
  if (!all && error !== null) expect(error).toBeInstanceOf(OperationalError);
}

async function expectGood(stage: Stage, act: Act, before: LiveNow): Promise<void> {
  await stage.everybodyGone();
  const found = await stage.lookAtLive();
  const isDone = found.notes === act.notes.after;
  expect(found).toEqual({ ...before, notes: isDone ? act.notes.after : act.notes.before });
  await expectOther(stage, act, isDone);

  const doAgain = act.scene === 'restored' ? switchAsCommand : goBack;
  await stage.withServer<unknown>(doAgain);
  expect(await stage.lookAtLive()).toEqual({ ...before, notes: act.notes.after });
  await expectOther(stage, act, true);
  expect(await stage.temporaryRoles()).toEqual([]);
  if (act.scene === 'switched') return;

  await stage.withServer(goBack);
  expect(await stage.lookAtLive()).toEqual({ ...before, notes: rowsLeft });
}

async function expectOther(stage: Stage, { notes, other }: Act, isDone: boolean): Promise<void> {
  const others = await stage.others();
  expect(others).toEqual([expect.stringMatching(isDone ? other.after : other.before)]);
  expect(await stage.countNotes(others[0])).toBe(isDone ? notes.before : notes.after);
}

function describe({ connection, message, sql }: Message): string {
  return `message ${message} of connection ${connection}${sql === null ? '' : ` (${sql.replaceAll(/\s+/g, ' ').slice(0, 80)})`}`;
}

function explain(error: unknown): string {
  const diff = error instanceof Error && 'diff' in error ? `\n${String(error.diff)}` : '';
  const { actual, expected } = error as { actual?: unknown; expected?: unknown };
  return `${String(error)}${diff}\n${JSON.stringify({ actual, expected })}`;
}
