import { styleText } from 'node:util';
import type { Facts } from '../../init/facts.ts';
import type { Plan } from '../../init/plan.ts';
import { whatIsMissing } from '../../init/render/application.ts';
import type { FileState } from '../../init/write.ts';
import { redact } from '../../system/redact.ts';
import { formatBytes } from '../../terminal/format-bytes.ts';
import { oneLine } from '../../terminal/one-line.ts';
import { printable } from '../../terminal/printable.ts';
import { suggest } from '../../terminal/suggest.ts';
import type { CommandOutcome } from '../command.ts';
import { warn } from '../say.ts';
import type { Live } from './ask-live.ts';

/** What was found, and where. */
export function showFound(plan: Plan, facts: Facts, notes: string[], { answer, problem }: Live): void {
  const { database, application, dumps, from } = plan;
  console.log();
  showLine('database', `${database.name}, owner ${database.owner}`, from.database);
  if (answer !== null)
    showLine('server', `PostgreSQL ${answer.major}, ${formatBytes(answer.sizeBytes)}`, answer.description);
  if (application !== null) {
    const how = 'image' in application.start ? `image ${application.start.image}` : application.start.command.join(' ');
    const missing = whatIsMissing(application);
    showLine(
      'application',
      `${how}${missing === null ? `, ${application.healthPath ?? ''}` : ', not rehearsed yet'}`,
      application.from,
    );
  }
  showLine('backups', plan.backups, dumps === null ? 'none there yet' : dumps.from);
  for (const note of notes) warn(oneLine(note));
  if (problem !== null) warn(`The live database could not be read: ${problem}`);
  if (facts.databases.length === 0) return;
}

function showLine(what: string, value: string, from: string): void {
  console.log(`  ${what.padEnd(12)} ${oneLine(value)}  ${styleText('dim', oneLine(from))}`);
}

export interface HowFiles {
  isDryRun: boolean;
  isForced: boolean;
  again: { config: string };
}

/** What became of each file, with the changes that were not made. */
export function showFiles(states: readonly FileState[], { isDryRun, isForced, again }: HowFiles): void {
  console.log();
  for (const { file, state, diff } of states) {
    const isLeft = state === 'differs' && !isForced;
    const words = {
      new: 'written',
      same: 'is as it would be written',
      extended: 'lines added',
      differs: isForced ? 'overwritten' : 'differs, and was left as it is',
    };
    const mark = isLeft ? styleText('yellow', '!') : styleText('green', state === 'same' ? '=' : '✔');
    console.log(
      `  ${mark} ${printable(file)}  ${styleText('dim', isDryRun && state !== 'same' ? 'would change' : words[state])}`,
    );
    if (diff !== '' && (isDryRun || isLeft)) console.log(printable(redact(diff)));
  }
  if (states.some(({ state }) => state === 'differs') && !isForced && !isDryRun) {
    console.log(`\n  To overwrite what differs:  ${suggest('init', { config: again.config, force: true })}`);
  }
}

/** What a person does next. */
export function showNext(plan: Plan, next: string[], { config }: { config: string }, outcome: CommandOutcome): void {
  const { application, source, dumps } = plan;
  const missing = application === null ? null : whatIsMissing(application);
  const steps = [
    ...next,
    ...(missing === null ? [] : [`The application takes no part yet: ${missing} It stands in the profile.`]),
    ...(source?.kind === 'url'
      ? ['The password of the database is in no file: put it into ~/.pgpass, or set PGPASSWORD.']
      : []),
    ...(source === null && dumps === null
      ? [
          `Nothing can be rehearsed yet: ${suggest('init', { config, url: 'postgres://user@host/database', force: true })}, or put dumps into ${plan.backups}.`,
        ]
      : []),
    ...(outcome === 'could-not-run' ? [`When that is mended: ${suggest('init', { config, yes: true })}`] : []),
  ];
  if (steps.length > 0)
    console.log(`\n  ${styleText('bold', 'next')}\n${steps.map((step) => `  - ${oneLine(step)}`).join('\n')}`);
}
