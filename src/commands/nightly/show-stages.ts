import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import { oneLine } from '../../terminal/one-line.ts';
import { stages } from './stages.ts';
import type { StageResult } from './stage.ts';

/** A line for each stage of a night, for the terminal. Pure. */
export function renderStages(results: readonly StageResult[]): string {
  const width = Math.max(...results.map(({ stage }) => stages[stage].title.length));
  return results
    .map((result) => {
      const title = stages[result.stage].title.padEnd(width);
      if (result.status === 'not-configured') return styleText('dim', `  - ${title}  not configured: ${result.reason}`);
      if (result.status === 'left-out') return styleText('yellow', `  - ${title}  not done: ${result.reason}`);
      const { problem, durationMs } = result;
      if (problem === null)
        return `  ${styleText('green', '✔')} ${title}  ${prettyMilliseconds(Math.round(durationMs))}`;
      return styleText('red', `  ✖ ${title}  ${problem.code}: ${oneLine(problem.message)}`);
    })
    .join('\n');
}
