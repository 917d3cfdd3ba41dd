import { metrics } from './table.ts';
import type { Sample } from './samples.ts';

/** Writes samples in Prometheus' text format. Loading what does so takes its time: only who has to write metrics does. */
export async function renderMetrics(samples: Sample[]): Promise<string> {
  const { Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  for (const [name, { help }] of Object.entries(metrics)) {
    const own = samples.filter((sample) => sample.name === name);
    if (own.length === 0) continue;
    const labelNames = [...new Set(own.flatMap(({ labels }) => Object.keys(labels)))];
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const { labels, value } of own) gauge.set(labels, value);
  }
  return registry.metrics();
}

/**
 * Reads what renderMetrics has written. Metrics of ours that there are no more are left out. Pure.
 * @returns null where the text holds anything else
 */
export function parseMetrics(text: string): Sample[] | null {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', labels = '', value = ''] = /^(restore_rehearsal_\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (name === '' || Number.isNaN(Number(value))) return null;
    if (name in metrics) samples.push({ name, labels: parseLabels(labels), value: Number(value) });
  }
  return samples;
}

function parseLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  const unescape = (value: string) =>
    value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : String(escaped)));
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, unescape(value)]));
}
