import { join, relative } from 'node:path';
import prettyMilliseconds from 'pretty-ms';
import { chalk } from 'zx';
import { printable } from '../../terminal/printable.ts';
import { countState } from '../count-state.ts';
import type { Evidence, Verdict } from '../schema.ts';
import type { RunSink } from './sink.ts';

/** The summary at the terminal, of each rehearsal and of all. */
export const terminal: RunSink = {
  publish: ({ reports, outcomes, verdict, print }) => {
    for (const { evidence, directory, kept } of outcomes) {
      print(renderSummary(evidence, shorten(join(reports, directory, 'evidence.md'))));
      if (kept !== undefined) print(`  ${chalk.bold('The server was kept.')}\n  ${kept}\n`);
    }
    if (outcomes.length > 1) print(`  ${outcomes.length} rehearsals: ${colourVerdict(verdict)}`);
  },
};

function shorten(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

const longestTable = 12;

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
  const colour = { verified: chalk.green, 'not-verified': chalk.red, 'could-not-run': chalk.yellow }[verdict];
  return colour.bold(verdict);
}

function countsTable({ counts: all, findings }: Evidence): string {
  const entries = Object.entries(all);
  const stateOf = (name: string, counts: Evidence['counts'][string]) => countState(name, counts, findings);
  if (entries.length === 0) return '';
  const notEqual = entries.filter(([name, counts]) => stateOf(name, counts) !== 'equal');
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
    if (state === 'equal') return text;
    return (state === 'differs' ? chalk.red : chalk.yellow)(`${text}  ${state}`);
  });
  const rest = entries.length - shown.length;
  return [
    chalk.dim(line('table', 'before', 'after')),
    ...body,
    ...(rest > 0 ? [chalk.dim(`  and ${rest} more, equal`)] : []),
  ].join('\n');
}

function objectiveLines({ objectives: { rto, rpo }, verdict }: Evidence): string {
  // Some rehearsals have nothing to measure them by.
  if (rto.measuredMs === null && rpo.measuredMs === null && verdict === 'verified') return '';
  const phases = Object.entries(rto.phases).map(([name, ms]) => `${name} ${prettyMilliseconds(ms)}`);
  return [
    `  RTO  ${measured(rto)}${phases.length === 0 ? '' : chalk.dim(`  (${phases.join(', ')})`)}`,
    `  RPO  ${measured(rpo)}`,
  ].join('\n');
}

function measured({ measuredMs, targetMs, met }: Evidence['objectives']['rpo']): string {
  const target = prettyMilliseconds(targetMs);
  if (measuredMs === null) return chalk.yellow(`not measured, target ${target}`);
  const text = `${prettyMilliseconds(measuredMs)} of at most ${target}`;
  return met === true ? text : chalk.red(text);
}

function findingLines({ rule, severity, message, remedy, diff }: Evidence['findings'][number]): string {
  const colour = severity === 'error' ? chalk.red : chalk.yellow;
  const text = diff === null ? message : `${message}\n${diff}`;
  return `  ${colour.bold(rule)}  ${indented(text)}\n    ${chalk.dim(indented(remedy))}`;
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
