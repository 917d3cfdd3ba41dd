import { join } from 'node:path';
import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import { nearby } from '../../terminal/nearby.ts';
import { printable } from '../../terminal/printable.ts';
import { countState } from '../count-state.ts';
import type { Evidence, Verdict } from '../schema.ts';
import type { RunSink } from './sink.ts';

/** The summary at the terminal, of each rehearsal and of all. */
export const terminal: RunSink = {
  publish: ({ reports, outcomes, verdict, print }) => {
    for (const { evidence, directory, kept } of outcomes) {
      print(renderSummary(evidence, nearby(join(reports, directory, 'evidence.md'))));
      if (kept !== undefined) print(`  ${styleText('bold', 'The server was kept.')}\n  ${printable(kept)}\n`);
    }
    if (outcomes.length > 1) print(`  ${outcomes.length} rehearsals: ${colourVerdict(verdict)}`);
  },
};

const longestTable = 12;
const colours = { explained: 'dim', 'not compared': 'yellow', differs: 'red' } as const;

/** What the terminal shows of a finished rehearsal: row counts, objectives, findings, verdict, where the evidence is. Pure. */
export function renderSummary(evidence: Evidence, evidencePath: string): string {
  const blocks = [
    countsTable(evidence),
    objectiveLines(evidence),
    evidence.findings.map(findingLines).join('\n'),
    verdictLines(evidence.verdict, evidencePath),
  ];
  return `\n${blocks.filter((block) => block !== '').join('\n\n')}\n`;
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

function objectiveLines({ objectives: { rto, rpo }, verdict }: Evidence): string {
  // Some rehearsals have nothing to measure them by.
  if (rto.measuredMs === null && rpo.measuredMs === null && verdict === 'verified') return '';
  const phases = Object.entries(rto.phases).map(([name, ms]) => `${name} ${prettyMilliseconds(ms)}`);
  return [
    `  RTO  ${measured(rto)}${phases.length === 0 ? '' : styleText('dim', `  (${phases.join(', ')})`)}`,
    `  RPO  ${measured(rpo)}`,
  ].join('\n');
}

function measured({ measuredMs, targetMs, met }: Evidence['objectives']['rpo']): string {
  const target = prettyMilliseconds(targetMs);
  if (measuredMs === null) return styleText('yellow', `not measured, target ${target}`);
  const text = `${prettyMilliseconds(measuredMs)} of at most ${target}`;
  return met === true ? text : styleText('red', text);
}

function findingLines({ rule, severity, message, remedy, diff }: Evidence['findings'][number]): string {
  const name = styleText(severity === 'error' ? 'red' : 'yellow', styleText('bold', rule));
  const text = diff === null ? message : `${message}\n${diff}`;
  return `  ${name}  ${indented(text)}\n    ${styleText('dim', indented(remedy))}`;
}

function verdictLines(verdict: Verdict, path: string): string {
  return `  verdict   ${colourVerdict(verdict)}\n  evidence  ${path}`;
}

/** Names come from databases: none may bring escape sequences, or a line that looks like one of ours. */
function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' '));
}

function indented(text: string): string {
  return printable(text).replaceAll('\n', '\n      ');
}

function show(count: number | null): string {
  return count === null ? '-' : String(count);
}
