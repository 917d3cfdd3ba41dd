import { typed } from '../../terminal/suggest.ts';
import { OperationalError } from '../../system/operational-error.ts';
import type { RunLine } from './line.ts';

const shownAtMost = 5;

/**
 * Finds the run that is meant: by its id or the start of it, or by the name of its directory.
 * @throws OperationalError BAD_USAGE where none is, or several
 */
export function findRun(runs: RunLine[], given: string): RunLine {
  const word = given.replace(/\/+$/, '');
  const exact = runs.filter(({ id, directory }) => id === word || directory === word);
  const start = word.toLowerCase();
  const meant = exact.length > 0 || word === '' ? exact : runs.filter(({ id }) => id.startsWith(start));
  const [run, another] = meant;
  if (run !== undefined && another === undefined) return run;
  if (run === undefined) {
    const message = `The ledger has no run "${given}". Give its id, the start of it, or the name of its directory: ${typed('evidence list')} shows them.`;
    throw new OperationalError('BAD_USAGE', message);
  }
  const shown = meant.slice(-shownAtMost).map(({ id, directory }) => `  ${id}  ${directory}`);
  const message = `"${given}" is the start of ${meant.length} runs; give more of it:\n${shown.join('\n')}`;
  throw new OperationalError('BAD_USAGE', message);
}
