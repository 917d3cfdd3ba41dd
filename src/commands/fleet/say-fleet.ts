import { join } from 'node:path';
import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import { whatSpeaksAgainst } from '../../evidence/describe.ts';
import type { Outcome } from '../../evidence/outcome.ts';
import type { Verdict } from '../../evidence/schema.ts';
import { combineVerdicts } from '../../evidence/verdict.ts';
import type { PlannedDatabase } from '../../fleet/plan.ts';
import { nearby } from '../../terminal/nearby.ts';
import { oneLine } from '../../terminal/one-line.ts';
import { say } from '../say.ts';
import type { Conclusion } from './conclude-reports.ts';

const marks: Readonly<Record<Verdict, string>> = {
  verified: styleText('green', '✔'),
  'not-verified': styleText('red', '✖'),
  'could-not-run': styleText('yellow', '✖'),
};

/** A line for a database whose rehearsals are over, and below it what speaks against it. */
export function sayDatabase({ name }: PlannedDatabase, outcomes: readonly Outcome[], reports: string): void {
  const verdict = combineVerdicts(outcomes.map(({ evidence }) => evidence.verdict));
  const tookMs = outcomes.reduce((sum, { evidence }) => sum + tookOf(evidence), 0);
  const took = prettyMilliseconds(tookMs, { compact: tookMs > 60_000 });
  console.log(`  ${marks[verdict]} ${oneLine(name).padEnd(24)}  ${verdict.padEnd(13)}  ${styleText('dim', took)}`);
  for (const { evidence, directory } of outcomes) {
    if (evidence.verdict === 'verified') continue;
    for (const reason of whatSpeaksAgainst(evidence).slice(0, 3)) console.log(`      ${oneLine(reason)}`);
    say(`    ${nearby(join(reports, directory, 'evidence.md'))}`);
  }
}

function tookOf({ startedAt, finishedAt }: Outcome['evidence']): number {
  return Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
}

const namedAtMost = 50;

/** What a plan has come to: how many of each verdict, and who is not verified. */
export function sayConclusion({ verdict, databases, directory, outcome }: Conclusion, reports: string): void {
  const bad = databases.filter((one) => one.verdict !== 'verified');
  console.log();
  for (const { planned, verdict: own, reason } of bad.slice(0, namedAtMost)) {
    console.log(`  ${marks[own]} ${oneLine(planned.name)}: ${own}: ${oneLine(reason ?? '')}`);
  }
  if (bad.length > namedAtMost) say(`and ${bad.length - namedAtMost} more, in the evidence`);
  console.log(`  ${databases.length - bad.length} of ${databases.length} databases verified`);
  console.log(`  verdict   ${verdict}`);
  if (directory !== '') console.log(`  evidence  ${nearby(join(reports, directory, 'evidence.md'))}`);
  if (outcome === null) say('nothing new: the evidence of the whole says so already');
}
