import { join } from 'node:path';
import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import { nearby } from '../../terminal/nearby.ts';
import { describeUpgrade } from '../upgrade.ts';
import { oneLine } from '../../terminal/one-line.ts';
import { printable } from '../../terminal/printable.ts';
import { typed } from '../../terminal/suggest.ts';
import { wrap } from '../../terminal/wrap.ts';
import { countState } from '../count-state.ts';
import { describeObjective, reasonOf, titleOf } from '../describe.ts';
import { isSummary } from '../night.ts';
import type { Outcome } from '../outcome.ts';
import type { Evidence, Verdict } from '../schema.ts';
import type { RunSink } from './sink.ts';

/** The summary at the terminal, of each rehearsal and of all. */
export const terminal: RunSink = {
  publish: ({ reports, outcomes, screen: { print, columns }, remarks }) => {
    for (const { evidence, directory, signedBy, timestamp, kept } of outcomes) {
      const path = nearby(join(reports, directory, 'evidence.md'));
      print(renderSummary(evidence, { path, signedBy, timestamp }, columns));
      if (kept !== undefined) print(`  ${styleText('bold', 'The server was kept.')}\n  ${printable(kept)}\n`);
    }
    const end = outcomes.at(-1)?.ledger;
    // To be kept elsewhere: with it, nobody can take away the last lines unseen.
    if (end !== undefined)
      print(`  ledger    ${end.lines} ${end.lines === 1 ? 'line' : 'lines'}\n  head      ${end.head ?? ''}\n`);
    const pages = outcomes.map(({ directory }) => `page      ${nearby(join(reports, directory, 'evidence.html'))}`);
    print([...remarks, ...pages].map((line) => wrap(printable(line), columns, { first: 2, hanging: 12 })).join('\n'));
    if (outcomes.length > 1) print(`\n${renderRun(outcomes.map(({ evidence }) => evidence))}`);
  },
};

/** What came of several rehearsals: `1 of 5 not-verified: latest-backup (NO_BACKUP)`. Pure. */
export function renderRun(all: Evidence[]): string {
  const failed = (['not-verified', 'could-not-run'] as const).flatMap((verdict) => {
    const those = all.filter((evidence) => evidence.verdict === verdict);
    if (those.length === 0) return [];
    const names = those.map((evidence) => `${evidence.rehearsal}${reasonOf(evidence)}`).join(', ');
    return [`  ${those.length} of ${all.length} ${colourVerdict(verdict)}: ${oneLine(names)}`];
  });
  return failed.length === 0 ? `  ${all.length} of ${all.length} ${colourVerdict('verified')}` : failed.join('\n');
}

const longestTable = 12;
const colours = { explained: 'dim', 'not compared': 'yellow', differs: 'red' } as const;

/** Where the evidence is, and the fingerprint of the key that it is signed with, if any. */
interface Written {
  path: string;
  signedBy?: Outcome['signedBy'];
  timestamp?: Outcome['timestamp'];
}

/**
 * What the terminal shows of a finished rehearsal: of what, row counts, objectives, findings, verdict, where the evidence is. Pure.
 * @param columns of the terminal; null where it is none
 */
export function renderSummary(evidence: Evidence, written: Written, columns: number | null = null): string {
  const blocks = [
    headLines(evidence, columns),
    countsTable(evidence),
    objectiveLines(evidence, columns),
    evidence.findings.map((finding) => findingLines(finding, columns)).join('\n'),
    explainLine(evidence.findings, columns),
    verdictLines(evidence, written, columns),
  ];
  return `\n${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function headLines(evidence: Evidence, columns: number | null): string {
  const { about } = evidence;
  const details =
    about === null
      ? []
      : [`profile ${about.profile}`, ...(about.server === null ? [] : [`read as ${about.server}`]), `on ${about.host}`];
  const title = styleText('bold', oneLine(titleOf(evidence)));
  return wrap(`${title}  ${styleText('dim', oneLine(details.join(', ')))}`, columns, { first: 2, hanging: 4 });
}

/** A verdict in its colour. */
export function colourVerdict(verdict: Verdict): string {
  const colour = ({ verified: 'green', 'not-verified': 'red', 'could-not-run': 'yellow' } as const)[verdict];
  // One style at a time: given a list, Node.js 20 colours what goes into a pipe, too.
  return styleText(colour, styleText('bold', verdict));
}

function countsTable({ counts: all, findings }: Evidence): string {
  const entries = Object.entries(all);
  const stateOf = (name: string, counts: Evidence['counts'][string]) => countState(name, counts, findings);
  if (entries.length === 0) return '';
  const notEqual = entries.filter(([name, counts]) => stateOf(name, counts).weight !== 'equal');
  const shown = [...new Set([...entries.slice(0, longestTable), ...notEqual])];
  const rows = shown.map(
    ([name, counts]) => [oneLine(name), show(counts.before), show(counts.after), stateOf(name, counts)] as const,
  );
  const width = Math.max(5, ...rows.map(([name]) => name.length));
  const digits = Math.max(6, ...rows.flatMap(([, before, after]) => [before.length, after.length]));
  const line = (name: string, before: string, after: string) =>
    `  ${name.padEnd(width)}  ${before.padStart(digits)}  ${after.padStart(digits)}`;
  const body = rows.map(([name, before, after, state]) => {
    const text = line(name, before, after);
    const { weight } = state;
    if (weight === 'equal') return text;
    return styleText(colours[weight], `${text}  ${oneLine(state.text)}`);
  });
  const rest = entries.length - shown.length;
  return [
    styleText('dim', line('table', 'before', 'after')),
    ...body,
    ...(rest > 0 ? [styleText('dim', `  and ${rest} more, equal`)] : []),
  ].join('\n');
}

function objectiveLines(evidence: Evidence, columns: number | null): string {
  const { rto, rpo } = evidence.objectives;
  const { verdict } = evidence;
  if (isSummary(evidence)) return '';
  // Some rehearsals have nothing to measure them by.
  if (rto.measuredMs === null && rpo.measuredMs === null && verdict === 'verified') return '';
  const phases = Object.entries(rto.phases).map(([name, ms]) => `${name} ${prettyMilliseconds(ms)}`);
  const line = (name: string, objective: Evidence['objectives']['rpo'], more = '') =>
    wrap(`${name}  ${colourObjective(objective)}${more}`, columns, { first: 2, hanging: 7 });
  return [
    line(
      'RTO',
      { ...rto, notApplicable: null },
      phases.length === 0 ? '' : styleText('dim', `  (${phases.join(', ')})`),
    ),
    line('RPO', rpo),
  ].join('\n');
}

function colourObjective(objective: Evidence['objectives']['rpo']): string {
  const text = describeObjective(objective);
  if (objective.notApplicable !== null) return styleText('dim', text);
  if (objective.measuredMs === null) return styleText('yellow', text);
  return objective.met === true ? text : styleText('red', text);
}

function findingLines({ rule, severity, message, remedy, diff }: Evidence['findings'][number], columns: number | null) {
  const name = styleText(severity === 'error' ? 'red' : 'yellow', styleText('bold', rule));
  const lines = wrap(`${name}  ${printable(message)}`, columns, { first: 2, hanging: 6 });
  const changed = diff === null ? '' : `\n${wrap(printable(diff), null, { first: 6, hanging: 6 })}`;
  return `${lines}${changed}\n${styleText('dim', wrap(printable(remedy), columns, { first: 4, hanging: 6 }))}`;
}

/** Where it says more of them; of one that is there, so that it can be pasted. */
function explainLine([first]: Evidence['findings'], columns: number | null): string {
  if (first === undefined) return '';
  const text = `more on a finding: ${typed('explain', [first.rule])}`;
  return styleText('dim', wrap(text, columns, { first: 2, hanging: 4 }));
}

/** Of a fingerprint: enough to tell keys from each other. */
const shownDigits = 16;

function verdictLines(
  evidence: Evidence,
  { path, signedBy = null, timestamp = null }: Written,
  columns: number | null,
): string {
  const { verdict, about } = evidence;
  // Findings stand above; why a step could not be run stands where it was, maybe far above.
  const why = verdict === 'could-not-run' ? oneLine(reasonOf(evidence)) : '';
  const what = about?.data === 'seeded' ? styleText('dim', '  of seeded data: no backup was rehearsed') : '';
  const upgrade = describeUpgrade(evidence);
  const ready = upgrade === null ? '' : `  ${upgrade}`;
  const verdictLine = wrap(`verdict   ${colourVerdict(verdict)}${why}${what}${ready}`, columns, {
    first: 2,
    hanging: 12,
  });
  const signature = styleText('dim', `  signature ${signedBy === null ? 'none' : signedBy.slice(0, shownDigits)}`);
  return `${verdictLine}\n  evidence  ${path}\n${signature}${timestampLine(timestamp, columns)}`;
}

function timestampLine(timestamp: Outcome['timestamp'], columns: number | null): string {
  if (timestamp === null) return '';
  if ('stampedAt' in timestamp) return `\n${styleText('dim', `  stamped   ${timestamp.stampedAt}`)}`;
  const text = `stamped   not: ${oneLine(timestamp.notStamped)}`;
  return `\n${styleText('yellow', wrap(text, columns, { first: 2, hanging: 12 }))}`;
}

function show(count: number | null): string {
  return count === null ? '-' : String(count);
}
