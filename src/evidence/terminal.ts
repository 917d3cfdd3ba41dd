import prettyMilliseconds from 'pretty-ms';
import { chalk } from 'zx';
import { printable } from '../process/redact.ts';
import type { Evidence, Verdict } from './schema.ts';

const longestTable = 12;

/** What the terminal shows of a finished rehearsal: row counts, objectives, findings, verdict, where the evidence is. Pure. */
export function renderSummary(evidence: Evidence, evidencePath: string): string {
  const blocks = [
    countsTable(evidence.counts),
    objectiveLines(evidence.objectives),
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

function countsTable(counts: Evidence['counts']): string {
  const entries = Object.entries(counts);
  if (entries.length === 0) return '';
  const differing = entries.filter(([, { before, after }]) => before !== after);
  const shown = [...new Set([...entries.slice(0, longestTable), ...differing])];
  const rows = shown.map(([name, { before, after }]) => [printable(name), show(before), show(after)] as const);
  const width = Math.max(5, ...rows.map(([name]) => name.length));
  const digits = Math.max(6, ...rows.flatMap(([, before, after]) => [before.length, after.length]));
  const line = (name: string, before: string, after: string) =>
    `  ${name.padEnd(width)}  ${before.padStart(digits)}  ${after.padStart(digits)}`;
  const body = rows.map(([name, before, after]) =>
    before === after ? line(name, before, after) : chalk.red(`${line(name, before, after)}  differs`),
  );
  const rest = entries.length - shown.length;
  return [
    chalk.dim(line('table', 'before', 'after')),
    ...body,
    ...(rest > 0 ? [chalk.dim(`  and ${rest} more, equal`)] : []),
  ].join('\n');
}

function objectiveLines({ rto, rpo }: Evidence['objectives']): string {
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

function findingLines({ rule, severity, message, remedy }: Evidence['findings'][number]): string {
  const colour = severity === 'error' ? chalk.red : chalk.yellow;
  return `  ${colour.bold(rule)}  ${printable(message)}\n    ${chalk.dim(printable(remedy))}`;
}

function verdictLines(verdict: Verdict, path: string): string {
  return `  verdict   ${colourVerdict(verdict)}\n  evidence  ${path}`;
}

function show(count: number | null): string {
  return count === null ? '-' : String(count);
}
