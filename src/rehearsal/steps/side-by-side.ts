import { basename, join } from 'node:path';
import prettyMilliseconds from 'pretty-ms';
import { examineFiles } from '../../backup/examine.ts';
import { takeBackup, type TakenBackup } from '../../backup/take-backup.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Check, Finding } from '../../evidence/schema.ts';
import { RecoveryServer } from '../../recovery/recovery-server.ts';
import { restoreBeside, type RestoredBeside } from '../../recovery/restore-beside.ts';
import { readRightsCost } from '../../recovery/rights-cost.ts';
import { rollBack, switchOver } from '../../recovery/switch-over.ts';
import { carriedOver } from '../../recovery/verify.ts';
import { compareTables } from '../../snapshot/compare-tables.ts';
import type { Difference } from '../../snapshot/difference.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { takeSnapshot } from '../../snapshot/take.ts';
import { facets } from '../../snapshot/facets.ts';
import { findDifferences, here } from '../../snapshot/weigh.ts';
import type { SourceServer } from '../../source/source-server.ts';
import { describeComparison, toFinding } from '../comparison.ts';
import { emptyTable } from '../damage.ts';
import type { Drill } from '../drill.ts';
import { snapshotOptions, toolLimits } from '../limits.ts';
import type { StepBody } from '../step.ts';
import { findTable } from '../tables.ts';
import { startTraffic, type Traffic } from '../traffic.ts';
import { checkAnswers } from './check-application.ts';
import { judgeRights } from './judge-rights.ts';

/** How long requests may fail while names are exchanged. */
const longestOutageMs = 2000;

/**
 * The steps of an incident: a backup is taken, the live database loses rows, the backup is restored beside it with the very
 * code of `npm run restore`, takes its place, and gives it back. Clients go on asking all the time.
 */
export function incident(): Record<
  'backUp' | 'damage' | 'startAsking' | 'restore' | 'switchNames' | 'compareLive' | 'takeBack' | 'stopAsking',
  StepBody
> {
  const state: State = { taken: null, traffic: null, server: null, restored: null, lost: null, damaged: null };
  return {
    backUp: (drill) => backUp(drill, state),
    damage: (drill) => damage(drill, state),
    startAsking: (drill) => startAsking(drill, state),
    restore: (drill, say) => restore(drill, state, say),
    switchNames: (drill, say) => switchNames(drill, state, say),
    compareLive: (drill) => compareLive(drill, state),
    takeBack: (drill) => takeBack(drill, state),
    stopAsking: (drill) => stopAsking(drill, state),
  };
}

interface State {
  taken: TakenBackup | null;
  traffic: Traffic | null;
  server: RecoveryServer | null;
  restored: Extract<RestoredBeside, { name: string }> | null;
  /** The table that was emptied. */
  lost: string | null;
  /** What the damaged database held when it was put aside. */
  damaged: Snapshot | null;
}

function need<Value>(value: Value | null): Value {
  if (value === null) throw new Error('The step that provides this has not run.');
  return value;
}

/** Takes a backup as `npm run backup` does. */
async function backUp(drill: Drill, state: State): Promise<Contribution> {
  const { profile, directory } = drill;
  state.taken = await takeBackup(asSource(drill), {
    directory: join(directory, 'backups'),
    ownership: profile.ownership,
    // The server's own pg_dump cannot write a directory of this machine where it is in a container.
    format: 'custom',
    compression: profile.backups?.compression,
    limits: toolLimits(drill),
  });
  const { manifest } = state.taken;
  const { bytes, sha256, takenAt, format, dumpVersion } = manifest;
  const { tables } = manifest.snapshot;
  return {
    summary: `${bytes} bytes, SHA-256 ${sha256.slice(0, 12)}…, with a manifest of ${tables.length} tables`,
    facts: { bytes, sha256, tables: tables.length },
    subject: { file: basename(state.taken.set.dump), sha256, bytes, takenAt, format, dumpVersion },
  };
}

/** A disposable server, read like one that is not ours: as the owner, or as the superuser, who sees the roles. */
function asSource(drill: Drill): SourceServer {
  const server = drill.need('server');
  const connection = drill.profile.ownership === 'preserve' ? drill.databaseAsAdmin : drill.database;
  return {
    runTool: server.runTool,
    connection,
    serverVersion: server.serverVersion,
    dumpVersion: server.tools['pg_dump'] ?? 'unknown',
    description: 'the disposable server',
    writesHere: false,
    secrets: drill.secrets,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function damage(drill: Drill, state: State): Promise<Contribution> {
  const { tables } = need(state.taken).manifest.snapshot;
  const filled = tables.filter(({ kind, rows }) => (kind === 'table' || kind === 'partitioned') && (rows ?? 0) > 0);
  const first = drill.profile.tables.map((name) => findTable(need(state.taken).manifest.snapshot, name)?.name);
  const names = [...new Set([...first, ...filled.map(({ name }) => name)])];
  const candidates = names.filter((name) => filled.some((table) => table.name === name)) as string[];
  state.lost = await emptyTable(drill.database, candidates);
  const rows = filled.find(({ name }) => name === state.lost)?.rows ?? 0;
  return {
    summary: `truncate ${state.lost} cascade: ${rows} rows are gone, and what refers to them`,
    facts: { emptied: state.lost },
  };
}

async function startAsking(drill: Drill, state: State): Promise<Contribution> {
  state.traffic = await drill.use('traffic', await startTraffic(drill));
  const { names, unable } = state.traffic;
  const without = unable.length === 0 ? '' : `; the damage keeps ${unable.join(', ')} from working`;
  return {
    summary: `${names.join(', ')}${without}`,
    facts: { clients: names.join(', '), notAnswered: unable.join(', ') },
  };
}

/** Restores with the code of `npm run restore`, and compares with the manifest. */
async function restore(drill: Drill, state: State, say: (what: string) => void): Promise<Contribution> {
  const { profile } = drill;
  const { set, manifest } = need(state.taken);
  const server = drill.need('server');
  const opened = await RecoveryServer.open(profile.database.name, server.admin, server);
  state.server = await drill.use('connection to restore over', opened);
  const examination = await examineFiles(set, drill.directory);
  const startedAt = performance.now();
  const restored = await restoreBeside(state.server, {
    ...{ set, examination, profile, say },
    limits: toolLimits(drill),
  });
  const restoreMs = Math.round(performance.now() - startedAt);
  if (restored.verdict === 'refused') return { findings: restored.problems.map(refusedFinding) };
  state.restored = restored;
  // What is carried over is compared when the database is live.
  const reference = { ...here, leftOut: carriedOver };
  const comparison = describeComparison(manifest.snapshot, restored.snapshot, profile, reference);
  return {
    ...comparison,
    summary: `into ${restored.name}: ${comparison.summary ?? ''}`,
    facts: { ...comparison.facts, restoredInto: restored.name, restoreMs },
  };
}

function refusedFinding({ rule, message, remedy }: { rule: string; message: string; remedy: string }): Finding {
  return { rule, severity: 'error', object: 'backup', message, remedy };
}

async function switchNames(drill: Drill, state: State, say: (what: string) => void): Promise<Contribution> {
  const [server, restored] = [need(state.server), need(state.restored)];
  const cost = await readRightsCost(server, restored.name);
  const rights = judgeRights(cost);
  const startedAt = performance.now();
  const { exchanged, putAside } = await switchOver(server, restored, new Date(), { cost, accepted: true });
  const answers = await checkAnswers(drill, say);
  const outage = await measure(state, 'switch-outage', startedAt);
  // Nobody writes to it any more.
  const damaged = { ...drill.databaseAsReader, database: putAside ?? '' };
  state.damaged = await takeSnapshot(damaged, snapshotOptions(drill));
  return {
    summary: `${outage.summary ?? ''}; ${answers.summary ?? ''}`,
    facts: { ...answers.facts, ...outage.facts, ...exchanged, kept: putAside, ...rights.facts },
    checks: [...(outage.checks ?? []), ...(answers.checks ?? [])],
    findings: [...(outage.findings ?? []), ...(answers.findings ?? []), ...rights.findings],
  };
}

/** What is live now holds what the manifest says; sequences move on with writes that are taken back, and were compared before. */
async function compareLive(drill: Drill, state: State): Promise<Contribution> {
  const { snapshot } = need(state.taken).manifest;
  const live = await takeSnapshot(drill.databaseAsReader, snapshotOptions(drill));
  const rows = findDifferences(snapshot, live, here, ['tables']);
  const settings = findDifferences(snapshot, live, here, ['DATABASE', 'DATABASE_SETTING']);
  const wrong = (found: Difference[]) =>
    found.filter(({ severity }) => severity === 'error').map(({ object }) => object);
  return {
    summary: rows.length + settings.length === 0 ? 'the live database holds the backup’s rows' : 'it differs',
    checks: [
      check('live-rows-restored', `the backup’s content in ${snapshot.tables.length} tables`, wrong(rows)),
      check('database-settings', 'properties and settings of the database as at the backup', wrong(settings)),
    ],
    findings: [...rows, ...settings].map(toFinding),
    coverage: { checked: [facets.DATABASE.covers, facets.DATABASE_SETTING.covers], notChecked: [] },
  };
}

async function takeBack(drill: Drill, state: State): Promise<Contribution> {
  const startedAt = performance.now();
  const result = await rollBack(need(state.server), new Date());
  if ('done' in result) throw new Error('The rollback found itself done.');
  const outage = await measure(state, 'rollback-outage', startedAt);
  const live = await takeSnapshot(drill.databaseAsReader, snapshotOptions(drill));
  const differing = compareTables(need(state.damaged).tables, live.tables).map(({ object }) => object);
  // The profile's writes may have filled it again by then, with other rows.
  const damaged = compareTables(need(state.taken).manifest.snapshot.tables, live.tables).map(({ object }) => object);
  const lost = need(state.lost);
  const wrong = [...differing, ...(damaged.includes(lost) ? [] : [lost])];
  return {
    summary: `${outage.summary ?? ''}; the damage is back`,
    facts: { ...outage.facts, ...result.exchanged, putAside: result.putAside },
    checks: [
      ...(outage.checks ?? []),
      check('damage-is-back', 'the content that the database had when it was put aside', wrong),
    ],
    findings: [...(outage.findings ?? []), ...wrong.map(notRolledBack)],
  };
}

function notRolledBack(object: string): Finding {
  return {
    rule: 'ROLLED_BACK_TO_SOMETHING_ELSE',
    severity: 'error',
    object,
    message: `${object} does not hold what it did before the switch.`,
    remedy: 'Do not use --rollback, and report this.',
  };
}

async function stopAsking(_drill: Drill, state: State): Promise<Contribution> {
  const traffic = need(state.traffic);
  await traffic[Symbol.asyncDispose]();
  const counts = traffic.counts();
  return {
    summary: `${counts.reduce((sum, count) => sum + count, 0)} good answers in all`,
    facts: Object.fromEntries(traffic.names.map((name, index) => [name, counts[index] ?? 0])),
  };
}

async function measure(
  state: State,
  id: 'switch-outage' | 'rollback-outage',
  startedAt: number,
): Promise<Contribution> {
  const { client, outageMs, usualMs } = await need(state.traffic).outage(startedAt);
  const [outage, limit] = [outageMs, longestOutageMs].map((ms) => prettyMilliseconds(ms)) as [string, string];
  const passed = outageMs < longestOutageMs;
  const actual = `${outage} (${client}, which usually waits ${prettyMilliseconds(usualMs)})`;
  return {
    summary: `requests failed for ${outage}`,
    facts: { outageMs, outageOf: client, usualMs },
    checks: [{ id, status: passed ? 'passed' : 'failed', reason: null, expected: `less than ${limit}`, actual }],
    findings: passed ? [] : [outageFinding(actual, limit)],
  };
}

function outageFinding(actual: string, limit: string): Finding {
  return {
    rule: 'OUTAGE_TOO_LONG',
    severity: 'error',
    object: 'switch',
    message: `While names were exchanged, there was no good answer for ${actual}; expected less than ${limit}.`,
    remedy: 'See how soon the application connects again when its connections break.',
  };
}

function check(id: string, expected: string, differing: string[]): Check {
  const equal = differing.length === 0;
  const actual = equal ? 'all are' : `not ${differing.slice(0, 5).join(', ')}`;
  return { id, status: equal ? 'passed' : 'failed', reason: null, expected, actual };
}
