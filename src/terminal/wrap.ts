import { wrapAnsi } from 'fast-wrap-ansi';

/**
 * Lets a text go on in further lines where a terminal is narrow; elsewhere, as in a file that is searched, lines stay whole. No word
 * is cut. Pure.
 * @param columns of the terminal; null where it is none
 * @param first blanks before the first line
 * @param hanging blanks before every other
 */
export function wrap(text: string, columns: number | null, { first, hanging }: { first: number; hanging: number }) {
  const width = Math.max(20, (columns ?? Infinity) - Math.max(first, hanging));
  const lines = columns === null ? text : wrapAnsi(text, width, { hard: false, trim: true });
  return lines
    .split('\n')
    .map((line, index) => `${' '.repeat(index === 0 ? first : hanging)}${line}`)
    .join('\n');
}
