import { printable } from '../../terminal/printable.ts';
import { describeObjective, reasonOf, titleOf } from '../describe.ts';
import type { Evidence } from '../schema.ts';
import type { News } from './news.ts';

/** Some services take no more: 2,000 characters at Discord, 4,096 bytes at Google Chat. */
const longest = 1900;
const shownFindings = 5;

/** What a webhook says of a run. The first line says it all. Pure. */
export function webhookText(news: News[]): string {
  return cut([headline(news), ...news.flatMap((one) => ['', ...describe(one)])].join('\n'));
}

/** A rehearsal that should have run. */
export interface Overdue {
  rehearsal: string;
  database: string;
  label: string | null;
  /** When it ran, in words; what was never run says so. */
  since: string;
}

/** What a webhook says of rehearsals that have not run for too long. Pure. */
export function overdueText(overdue: Overdue[]): string {
  const names = overdue.map((about) => titleOf({ rehearsal: about.rehearsal, about })).join(', ');
  const lines = overdue.map((about) => `- ${titleOf({ rehearsal: about.rehearsal, about })}: ${about.since}`);
  return cut([`Restore rehearsal overdue: ${names}`, ...lines].map(plain).join('\n'));
}

function headline(news: News[]): string {
  const named = (chosen: News[]) =>
    chosen.map(({ outcome: { evidence } }) => `${titleOf(evidence)}${reasonOf(evidence)}`).join(', ');
  const red = (verdict: Evidence['verdict']) => news.filter(({ outcome }) => outcome.evidence.verdict === verdict);
  const parts = [
    ['not verified', red('not-verified')],
    ['could not run', red('could-not-run')],
    ['verified again', red('verified')],
  ] as const;
  return plain(
    `Restore rehearsal ${parts.flatMap(([word, those]) => (those.length === 0 ? [] : [`${word}: ${named(those)}`])).join('; ')}`,
  );
}

function describe({ outcome: { evidence, directory }, before }: News): string[] {
  const { verdict, findings, steps, objectives, startedAt, about, trigger } = evidence;
  const failed = steps.find(({ error }) => error !== null)?.error ?? null;
  const errors = findings.filter(({ severity }) => severity === 'error');
  const lines = [
    `${titleOf(evidence)}: ${verdict}${before === null ? '' : ` (before: ${before})`}`,
    ...errors.slice(0, shownFindings).map(({ rule, message }) => `- ${rule}: ${shorten(message)}`),
    ...(errors.length > shownFindings ? [`- and ${errors.length - shownFindings} more findings`] : []),
    ...(errors.length === 0 && failed !== null ? [`- ${failed.code}: ${shorten(failed.message)}`] : []),
    `RTO ${describeObjective({ ...objectives.rto, notApplicable: null })}; RPO ${describeObjective(objectives.rpo)}`,
    `${startedAt}${about === null ? '' : `, on ${about.host}`}, evidence in ${directory}`,
    ...(trigger.ci?.startsWith('http') === true ? [trigger.ci] : []),
  ];
  return lines.map(plain);
}

const longestMessage = 300;

function shorten(text: string): string {
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}

/**
 * Names come from databases: in Slack, &, < and > begin links and calls to everybody in a channel; others hear an @ as one.
 * Context: https://docs.slack.dev/messaging/formatting-message-text
 */
function plain(text: string): string {
  return printable(text.replace(/\s+/g, ' '))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u200b');
}

/** Not within one of the escapes. */
function cut(text: string): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest).replace(/&\w*$|\p{Surrogate}$/u, '')}…\nThe rest is in evidence.md.`;
}
