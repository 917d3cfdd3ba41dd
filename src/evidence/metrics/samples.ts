import { printable } from '../../terminal/printable.ts';
import type { Evidence } from '../schema.ts';
import { metrics, type Measured } from './table.ts';

/** One line of a file of metrics. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The labels that say which rehearsal of which database it is. Each has samples of its own. Pure. */
export function identityOf({ rehearsal, about }: Evidence): Record<string, string> {
  const identity = {
    profile: about?.profile ?? '',
    database: about?.database ?? '',
    label: about?.label ?? '',
    rehearsal,
  };
  // To Prometheus, an empty label is none.
  const given = Object.entries(identity).filter(([, value]) => value !== '');
  return Object.fromEntries(given.map(([name, value]) => [name, printable(value)]));
}

/** Pure. */
export function samplesOf(measured: Measured): Sample[] {
  const identity = identityOf(measured.evidence);
  return Object.entries(metrics).flatMap(([name, { read }]) =>
    read(measured).flatMap(({ value, labels = {} }) =>
      value === null ? [] : [{ name, labels: { ...identity, ...labels }, value }],
    ),
  );
}

/** Whether a sample is of this rehearsal. Pure. */
export function isOf({ labels }: Sample, identity: Record<string, string>): boolean {
  const names = ['profile', 'database', 'label', 'rehearsal'];
  return names.every((name) => labels[name] === identity[name]);
}
