import { redact } from '../system/redact.ts';
import { oneLine } from '../terminal/one-line.ts';

const lines = 3;
const characters = 400;

/** The last lines that a program of somebody else printed, on one line, without secrets and anything that a terminal obeys. Pure. */
export function lastWords(printed: string, secrets: string[] = []): string {
  const said = printed
    .split('\n')
    .map((line) => oneLine(line).trim())
    .filter((line) => line !== '');
  const words = redact(said.slice(-lines).join('; '), secrets).replace(/(\bhttps?:\/\/[^\s?"]*)\?[^\s"]*/g, '$1?…');
  return words === '' ? 'nothing' : words.slice(-characters).replace(/[.;,\s]+$/, '');
}
