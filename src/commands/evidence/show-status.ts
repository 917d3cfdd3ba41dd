import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import { span } from '../../evidence/cadence.ts';
import { isAlive, type DrillStatus, type SeenRun } from '../../evidence/ledger/drills.ts';
import type { LedgerProblem } from '../../evidence/ledger/problem.ts';
import { oneLine } from '../../terminal/one-line.ts';
import { wrap } from '../../terminal/wrap.ts';

/** What `evidence status` has found out; as JSON, for programs. */
export interface Status {
  now: string;
  frequencyMs: number | null;
  drills: DrillStatus[];
  /** What says that a clock was wrong. */
  clock: string[];
  ledger: { lines: number; head: string | null; problem: LedgerProblem | null };
}

/** A table for each database, and what it comes to. Pure. */
export function renderStatus({ drills, frequencyMs, clock, ledger }: Status, columns: number | null): string {
  const databases = [...new Set(drills.map(({ database }) => database))];
  const tables = databases.map((database) => tableOf(database, drills));
  const warnings = [...clock, ...(ledger.problem === null ? [] : [ledger.problem.message])];
  const say = (text: string) => wrap(text, columns, { first: 2, hanging: 4 });
  return [
    ...tables,
    say(`${describeFrequency(frequencyMs)} Times are UTC.`),
    ...warnings.map((text) => styleText('yellow', say(`! ${oneLine(text)}`))),
    say(summarize(drills)),
  ]
    .map((block) => `\n${block}`)
    .join('\n');
}

const head = ['rehearsal', 'state', 'last ran', 'last verified'] as const;

function tableOf(database: string | null, drills: DrillStatus[]): string {
  const rows = drills
    .filter((drill) => drill.database === database)
    .map((drill) => ({ drill, cells: [oneLine(drill.rehearsal), stateOf(drill), ranAt(drill), verifiedAt(drill)] }));
  const widths = head.map((title, index) =>
    Math.max(title.length, ...rows.map(({ cells }) => cells[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[], paint = (cell: string) => cell) =>
    `    ${cells.map((cell, index) => (index === 1 ? paint : plain)(cell.padEnd(widths[index] ?? 0))).join('  ')}`.trimEnd();
  const plain = (cell: string) => cell;
  return [
    `  ${styleText('bold', oneLine(database ?? 'of a database that earlier evidence does not name'))}`,
    styleText('dim', line(head)),
    ...rows.map(({ drill, cells }) => line(cells, (cell) => styleText(colourOf(drill), cell))),
  ].join('\n');
}

function stateOf({ state, overdue }: DrillStatus): string {
  if (state === 'never-ran') return 'never ran';
  if (!overdue) return state;
  return state === 'verified' ? 'overdue' : `overdue, ${state}`;
}

function colourOf(drill: DrillStatus): 'dim' | 'green' | 'yellow' | 'red' {
  if (drill.state === 'retired') return 'dim';
  if (isAlive(drill)) return 'green';
  return drill.state === 'not-verified' ? 'red' : 'yellow';
}

function ranAt({ lastRun }: DrillStatus): string {
  if (lastRun === null) return '-';
  return `${lastRun.startedAt.slice(0, 16).replace('T', ' ')}, ${ago(lastRun)}`;
}

function verifiedAt({ lastVerified }: DrillStatus): string {
  return lastVerified === null ? 'never' : `${ago(lastVerified)} ago`;
}

function ago({ agoMs }: SeenRun): string {
  return prettyMilliseconds(Math.max(0, agoMs), { unitCount: 1, hideYear: true, secondsDecimalDigits: 0 });
}

function describeFrequency(frequencyMs: number | null): string {
  if (frequencyMs !== null) return `Each has to run every ${span(frequencyMs)}.`;
  return 'Nothing says how often each has to run, so none is overdue: set evidence.frequency in the profile, or give --frequency 24h.';
}

function summarize(drills: DrillStatus[]): string {
  const wrong = drills.filter((drill) => !isAlive(drill));
  if (wrong.length === 0) return `${styleText('green', '✔')} All are as they have to be.`;
  const overdue = wrong.filter((drill) => drill.overdue).length;
  const red = wrong.filter(({ state }) => state === 'not-verified' || state === 'could-not-run').length;
  const reasons = [
    ...(overdue === 0 ? [] : [`${overdue} overdue`]),
    ...(red === 0 ? [] : [`the last run of ${red} is not verified`]),
  ];
  return `${styleText('red', '✖')} ${wrong.length} of ${drills.length}: ${reasons.join(', ')}`;
}
