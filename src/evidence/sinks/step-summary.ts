import { appendFile, stat } from 'node:fs/promises';
import { countState } from '../count-state.ts';
import { describeSignature, factsOf, reasonOf, repeatsFindings, sentenceOf, titleOf } from '../describe.ts';
import type { Outcome } from '../outcome.ts';
import type { Evidence } from '../schema.ts';
import { escape, strong, table, type Cell } from './markdown-text.ts';
import type { DeliverySink } from './sink.ts';

/** What GitHub shows below a job. */
export const stepSummary: DeliverySink = {
  deliver: async ({ destinations: { stepSummary: file }, outcomes }) => {
    if (file === null || outcomes.length === 0) return;
    // Other commands of the same step have written into it, too.
    const { size } = await stat(file).catch(() => ({ size: 0 }));
    await appendFile(file, renderStepSummary(outcomes, limitBytes - size));
  },
};

/** GitHub shows nothing at all of more than 1024k, rounded. */
const limitBytes = 1_000_000;

/**
 * The first line says what failed; then each rehearsal has a heading. Pure.
 * @param room in bytes; what is longer is cut, and says so
 */
export function renderStepSummary(outcomes: Outcome[], room = limitBytes): string {
  const text = [headline(outcomes.map(({ evidence }) => evidence)), ...outcomes.map(describe)].join('\n\n');
  return cut(`${text}\n\n`, room);
}

const signs = { verified: '✅', 'not-verified': '❌', 'could-not-run': '⚠️' } as const;

function headline(all: Evidence[]): string {
  const failed = (['not-verified', 'could-not-run'] as const).flatMap((verdict) => {
    const those = all.filter((evidence) => evidence.verdict === verdict);
    if (those.length === 0) return [];
    const names = those.map((evidence) => `${titleOf(evidence)}${reasonOf(evidence)}`).join(', ');
    return [`${signs[verdict]} **${those.length} of ${all.length} ${verdict}**: ${escape(names)}`];
  });
  if (failed.length > 0) return failed.join('\n\n');
  return `${signs.verified} **${all.length} of ${all.length} verified**`;
}

function describe({ evidence, signedBy, directory }: Outcome): string {
  const { verdict, steps } = evidence;
  const failed = steps.find(({ error }) => error !== null && !repeatsFindings(error, evidence.findings));
  const parts = [
    `## ${signs[verdict]} Restore rehearsal ${escape(titleOf(evidence))}: ${verdict}`,
    escape(sentenceOf(evidence)),
    failed === undefined
      ? ''
      : `**${escape(failed.name)}** failed (${failed.error?.code ?? ''}): ${escape(failed.error?.message ?? '')}`,
    findings(evidence.findings),
    table(['', ''], [...factsOf(evidence), ['Signature', describeSignature(signedBy)], ['Directory', directory]]),
    counts(evidence),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

const shownFindings = 50;

function findings(all: Evidence['findings']): string {
  const shown = all
    .slice(0, shownFindings)
    .map(
      ({ rule, severity, object, message, remedy }) =>
        `- **${rule}** (${severity}, ${escape(object)}): ${escape(message)}\n  What to do: ${escape(remedy)}`,
    );
  const rest = all.length - shown.length;
  return [...shown, ...(rest > 0 ? [`- and ${rest} more, in evidence.md`] : [])].join('\n');
}

const shownTables = 100;

/** Those that are not equal first: what is cut is what is well. */
function counts({ counts: all, findings: found }: Evidence): string {
  const rows = Object.entries(all).map(([name, count]) => ({ name, count, state: countState(name, count, found) }));
  const isWell = ({ state }: (typeof rows)[number]) => state.weight === 'equal' || state.weight === 'explained';
  const ordered = [...rows.filter((row) => !isWell(row)), ...rows.filter(isWell)];
  const shown = ordered.length > shownTables ? ordered.slice(0, shownTables) : rows;
  const cells = shown.map((row): Cell[] => [
    row.name,
    row.count.before,
    row.count.after,
    isWell(row) ? row.state.text : strong(row.state.text),
  ]);
  const rest = rows.length - shown.length;
  const more = rest > 0 ? `\n\n${rest} more tables are in evidence.md.` : '';
  return `${table(['Table', 'Before', 'After', ''], cells)}${more}`;
}

const cutLine = '\n\n**Cut here: GitHub shows no more. evidence.md has all of it.**\n\n';

/** At the end of a line. */
function cut(text: string, room: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= room) return text;
  const kept = room - Buffer.byteLength(cutLine);
  if (kept <= 0) return '';
  const end = bytes.subarray(0, kept).lastIndexOf(0x0a);
  return end === -1 ? cutLine : `${bytes.subarray(0, end).toString()}${cutLine}`;
}
