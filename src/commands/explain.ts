import { closest } from 'fastest-levenshtein';
import { styleText } from 'node:util';
import { errorCodes } from '../evidence/rules/error-codes.ts';
import { addressOfRule, explainRule, plain } from '../evidence/rules/explain.ts';
import { rules } from '../evidence/rules/rules.ts';
import { stateFacets } from '../snapshot/state-facets.ts';
import { OperationalError } from '../system/operational-error.ts';
import { typed } from '../terminal/suggest.ts';
import { wrap } from '../terminal/wrap.ts';
import { defineCommand } from './command.ts';
import { screen } from './rehearse/screen.ts';

export const flags = {};

/** Says of findings and codes what docs/findings.md says, where there is no docs/. */
export const explainCommand = defineCommand({
  name: 'explain',
  usage: '[NAME…]',
  about: [
    'Says what a finding (ROW_COUNT_MISMATCH), or a code that a step ended with (NO_ENGINE), means, where it comes from, and what to do. Without a name it lists them all.',
  ],
  names: 'findings and codes, as evidence and terminal have them',
  flags,
  notes: [],
  exitStatus: '0 said, 2 there is no such name.',

  run(_options, names) {
    const texts = names.length === 0 ? [renderList()] : names.map(explain);
    console.log(texts.join('\n'));
    return Promise.resolve('done');
  },
});

/**
 * All that is to be said of one name, for the terminal.
 * @throws OperationalError BAD_USAGE for a name that is none
 */
function explain(given: string): string {
  const name = given.toUpperCase().replaceAll('-', '_');
  const code = Object.entries(errorCodes).find(([each]) => each === name)?.[1];
  const rule = explainRule(name) ?? explainDifference(name);
  if (rule === null && code === undefined) {
    const message = `There is no finding and no code "${given}"; did you mean "${closest(name, allNames())}"? All there are: ${typed('explain')}`;
    throw new OperationalError('BAD_USAGE', message);
  }
  const address = rule === null ? null : addressOfRule(name);
  return [
    styleText('bold', name),
    ...(rule === null
      ? []
      : [
          line('As a finding: ', rule.meaning),
          line('Where it comes from: ', rule.cause),
          line('What to do: ', rule.remedy),
        ]),
    ...(code === undefined
      ? []
      : [line('As what a step ended with: ', plain(code[0])), line('What to do: ', plain(code[1]))]),
    ...(address === null ? [] : [line('', address)]),
    '',
  ].join('\n');
}

const differences = {
  MISSING: [
    'is at the source, and not in what was restored',
    'See the errors of the restore, and what the dump leaves out.',
  ],
  UNEXPECTED: ['is in what was restored, and not at the source', 'Restore into an empty database.'],
  CHANGED: [
    'is not the same as at the source',
    'Use dump and manifest of one backup; see what runs while a dump is restored.',
  ],
} as const;

/** `INDEX_MISSING`: a kind of object, and a kind of difference. */
function explainDifference(name: string): { meaning: string; cause: string; remedy: string } | null {
  const [, kind = '', ending = ''] = /^([A-Z_]+)_(MISSING|UNEXPECTED|CHANGED)$/.exec(name) ?? [];
  if (kind === '') return null;
  const [what, remedy] = differences[ending as keyof typeof differences];
  const facet = Object.entries(stateFacets).find(([id]) => id === kind)?.[1];
  const object = `An object of the kind ${kind.toLowerCase().replaceAll('_', ' ')}`;
  const cause =
    facet === undefined ? 'The finding shows the definition, or a diff of both.' : `Compared is: ${facet.covers}.`;
  return { meaning: `${object} ${what}.`, cause: plain(cause), remedy };
}

function allNames(): string[] {
  return [...Object.values(rules).flatMap((texts) => Object.keys(texts)), ...Object.keys(errorCodes)];
}

function renderList(): string {
  const findings = Object.entries(rules).map(([heading, texts]) =>
    [
      styleText('bold', heading),
      ...Object.entries(texts).map(([rule, [meaning]]) => entry(rule, plain(meaning))),
      '',
    ].join('\n'),
  );
  const codes = Object.entries(errorCodes).map(([code, [meaning]]) => entry(code, plain(meaning)));
  return [...findings, styleText('bold', 'Codes of what could not run'), ...codes].join('\n');
}

const line = (label: string, text: string) => wrap(`${label}${text}`, screen().columns, { first: 2, hanging: 4 });
const entry = (name: string, text: string) => wrap(`${name}  ${text}`, screen().columns, { first: 2, hanging: 6 });
