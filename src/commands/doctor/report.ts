import { styleText } from 'node:util';
import type { KeptServer } from '../../system/leftovers.ts';
import type { Sweep } from '../../system/drafts.ts';
import { printable } from '../../terminal/printable.ts';
import type { Diagnosis } from '../../doctor/diagnosis.ts';

const indentation = ' '.repeat(16);

/** A heading and what was found under it. Pure. */
export function renderExaminations(heading: string, examinations: Diagnosis[]): string {
  return `  ${styleText('bold', heading)}\n${examinations.map(renderExamination).join('\n')}\n`;
}

function renderExamination({ name, state, text, remedy }: Diagnosis): string {
  const mark = { works: styleText('green', '✔'), 'may-work': styleText('yellow', '!'), broken: styleText('red', '✖') }[
    state
  ];
  const lines = [`  ${mark} ${name.padEnd(10)}  ${indented(text)}`];
  if (remedy !== undefined) lines.push(indentation + styleText('dim', `to mend it: ${indented(remedy)}`));
  return lines.join('\n');
}

/**
 * What killed rehearsals left. Pure.
 * @param clean the command that removes it
 */
export function renderLeftovers(leftovers: string[], clean: string): string {
  const heading = `  ${styleText('bold', 'left by killed rehearsals')}\n`;
  if (leftovers.length === 0) return `${heading}    nothing\n`;
  const hint = styleText('dim', `the next rehearsal removes it, or now: ${clean}`);
  return `${heading}${leftovers.map((text) => `    ${printable(text)}\n`).join('')}    ${hint}\n`;
}

/** What a sweep has done. Pure. */
export function renderSweep({ removed, failed }: Sweep): string {
  const lines = [
    ...removed.map((text) => `  ${styleText('green', '✔')} removed ${printable(text)}\n`),
    ...failed.map((text) => `  ${styleText('red', '✖')} could not remove ${printable(text)}\n`),
  ];
  return `  ${styleText('bold', 'left by killed rehearsals')}\n${lines.length === 0 ? '    nothing\n' : lines.join('')}`;
}

/** Servers that --keep left running: nothing but their command ends them. Pure. */
export function renderKept(kept: KeptServer[]): string {
  const entries = kept.map(
    ({ name, description, endCommand }) =>
      `    ${printable(`${name}  ${description}`)}\n      ${styleText('dim', 'end')}  ${printable(endCommand)}\n`,
  );
  return `  ${styleText('bold', 'kept on request')}\n${entries.join('')}`;
}

function indented(text: string): string {
  return printable(text).replaceAll('\n', `\n${indentation}`);
}
