import type { Choices, Question } from './choices.ts';
import { flagName } from '../terminal/suggest.ts';
import { OperationalError } from '../system/operational-error.ts';

/** Who answers: a person at a terminal, what is usual, or nobody. */
export type Answerer = (question: Question) => Promise<string>;

/** Takes what is usual. */
export const takeUsual: Answerer = (question) =>
  question.usual === null ? Promise.reject(notAnswered(question)) : Promise.resolve(question.usual);

/** Without a terminal nobody would ever answer. */
export const refuse: Answerer = (question) => Promise.reject(notAnswered(question));

/** Asks a person. */
export const askPerson: Answerer = async ({ message, options, usual }) => {
  const { isCancel, select, text } = await import('@clack/prompts');
  const answer =
    options === null
      ? await text({ message, ...(usual !== null && { initialValue: usual }) })
      : await select({
          message,
          options: options.map(({ value, hint }) => ({ value, label: value, hint })),
          ...(usual !== null && { initialValue: usual }),
        });
  if (isCancel(answer)) throw new OperationalError('BAD_USAGE', 'Cancelled. Nothing was written.');
  return answer;
};

function notAnswered({ key, message, options, usual }: Question): OperationalError {
  const choices =
    options === null ? '' : ` There are: ${options.map(({ value, hint }) => `${value} (${hint})`).join('; ')}.`;
  const yes = usual === null ? '' : `, or --yes for ${usual === '' ? 'none' : usual}`;
  return new OperationalError(
    'BAD_USAGE',
    `${message}${/[?.]$/.test(message) ? '' : '.'} This is no terminal to be asked in: give ${flagName(key)} VALUE${yes}.${choices} Nothing was written.`,
  );
}

/** The choices with one more answer; an empty one to a health check is an answer, too. Pure. */
export function withAnswer(choices: Choices, { key, options }: Question, answer: string): Choices {
  const taken = key === 'health' ? healthPath(answer) : answer.trim();
  if (key !== 'health' && (taken === '' || (options !== null && !options.some(({ value }) => value === taken)))) {
    throw new OperationalError('BAD_USAGE', `${flagName(key)} takes a value, not "${answer}". Nothing was written.`);
  }
  return { ...choices, [key]: taken };
}

function healthPath(answer: string): string {
  const path = answer.trim();
  return path === '' || path.startsWith('/') ? path : `/${path}`;
}
