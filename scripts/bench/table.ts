import { chalk } from 'zx';
import { isMet, type Row } from './row.ts';

/** One line for each row, for people. */
export function describeRow(row: Row): string {
  const { name, target, unit, measured, spread, how, sides } = row;
  const [least, largest] = spread.map((value) => shown(value));
  const verdict = isMet(row) ? chalk.green('met   ') : chalk.red('missed');
  const head = `${verdict}  ${name.padEnd(66)} ${shown(measured).padStart(7)} ${unit.padEnd(2)}  target ≤ ${shown(target)} ${unit}`;
  const both = sides === null ? '' : `; A ${describeSide(sides.a)}, B ${describeSide(sides.b)}`;
  return `${head}\n        ${chalk.dim(`${least ?? ''} to ${largest ?? ''} ${unit}, ${how}${both}`)}`;
}

function describeSide({ wall, cpu }: NonNullable<Row['sides']>['a']): string {
  return `${shown(wall)} s${cpu === null ? '' : ` (processors ${shown(cpu)} s)`}`;
}

/** Two digits behind the point, of what is large none. */
function shown(value: number): string {
  return Math.abs(value) < 100 ? value.toFixed(2) : value.toFixed(0);
}
