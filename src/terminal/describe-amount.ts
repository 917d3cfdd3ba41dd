import { describeLeft, type Estimate } from './estimate.ts';
import { formatBytes } from './format-bytes.ts';

/** How much of something is done, and of how much, where that is known. */
export interface Amount {
  done: number;
  total: number | null;
  unit: 'bytes' | 'rows' | 'blocks';
}

/** Percent where the total is known, else what is done: `31 % of 1.2 GB`, `45.2 MB`. Pure. */
export function describeDone({ done, total, unit }: Amount, { percent }: Estimate): string {
  return percent === null || total === null ? format(done, unit) : `${percent} % of ${format(total, unit)}`;
}

/** What is done with its speed and what is left: `31 % of 1.2 GB, 10.1 MB/s, about 2 min left`. Pure. */
export function describeAmount(amount: Amount, estimate: Estimate): string {
  return [
    describeDone(amount, estimate),
    estimate.perSecond === null ? null : `${format(estimate.perSecond, amount.unit)}/s`,
    estimate.leftMs === null ? null : describeLeft(estimate.leftMs),
  ]
    .filter((part) => part !== null)
    .join(', ');
}

const inThousands = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

function format(number: number, unit: Amount['unit']): string {
  return unit === 'bytes' ? formatBytes(number) : `${inThousands.format(number)} ${unit}`;
}
