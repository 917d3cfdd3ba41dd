import { chalk } from 'zx';
import type { KeptServer } from '../files/leftovers.ts';
import type { Sweep } from '../files/drafts.ts';
import type { Diagnosis } from './diagnosis.ts';

const indentation = ' '.repeat(16);

/** A heading and what was found under it. Pure. */
export function renderExaminations(heading: string, examinations: Diagnosis[]): string {
  return `  ${chalk.bold(heading)}\n${examinations.map(renderExamination).join('\n')}\n`;
}

function renderExamination({ name, state, text, remedy }: Diagnosis): string {
  const mark = { works: chalk.green('✔'), 'may-work': chalk.yellow('!'), broken: chalk.red('✖') }[state];
  const lines = [`  ${mark} ${name.padEnd(10)}  ${indented(text)}`];
  if (remedy !== undefined) lines.push(indentation + chalk.dim(`to mend it: ${indented(remedy)}`));
  return lines.join('\n');
}

/**
 * What killed rehearsals left. Pure.
 * @param clean the command that removes it
 */
export function renderLeftovers(leftovers: string[], clean: string): string {
  const heading = `  ${chalk.bold('left by killed rehearsals')}\n`;
  if (leftovers.length === 0) return `${heading}    nothing\n`;
  const hint = chalk.dim(`the next rehearsal removes it, or now: ${clean}`);
  return `${heading}${leftovers.map((text) => `    ${text}\n`).join('')}    ${hint}\n`;
}

/** What a sweep has done. Pure. */
export function renderSweep({ removed, failed }: Sweep): string {
  const lines = [
    ...removed.map((text) => `  ${chalk.green('✔')} removed ${text}\n`),
    ...failed.map((text) => `  ${chalk.red('✖')} could not remove ${text}\n`),
  ];
  return `  ${chalk.bold('left by killed rehearsals')}\n${lines.length === 0 ? '    nothing\n' : lines.join('')}`;
}

/** Servers that --keep left running: nothing but their command ends them. Pure. */
export function renderKept(kept: KeptServer[]): string {
  const entries = kept.map(
    ({ name, description, endCommand }) => `    ${name}  ${description}\n      ${chalk.dim('end')}  ${endCommand}\n`,
  );
  return `  ${chalk.bold('kept on request')}\n${entries.join('')}`;
}

function indented(text: string): string {
  return text.replaceAll('\n', `\n${indentation}`);
}
