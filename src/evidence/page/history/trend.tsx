import prettyMilliseconds from 'pretty-ms';
import type { VNode } from 'preact';
import type { HistoryEntry } from '../../history/read-history.ts';
import { drawChart, type Charts } from './draw-chart.tsx';
import { axis, bad, line, size, timeAxis } from './look.ts';
import { isInReach, timeUnit } from './scale.ts';

/** How an objective went from run to run, against its target. null where it was measured less than twice. */
export function drawTrend(
  charts: Charts,
  { id, objective, runs }: { id: string; objective: 'rto' | 'rpo'; runs: HistoryEntry[] },
): { chart: VNode; note: string } | null {
  const measured = runs.flatMap((run) => {
    const { measuredMs, met } = run[objective];
    return measuredMs === null
      ? []
      : [{ at: Date.parse(run.startedAt), ms: measuredMs, isBad: met === false || run.verdict !== 'verified' }];
  });
  const targetMs = runs.find((run) => run[objective].targetMs !== null)?.[objective].targetMs ?? null;
  if (measured.length < 2) return null;
  const maximum = Math.max(...measured.map(({ ms }) => ms));
  const unit = timeUnit(maximum);
  const isDrawn = targetMs !== null && isInReach(targetMs, maximum);
  const points = (all: typeof measured) => all.map(({ at, ms }) => [at, round(ms / unit.size)]);
  const chart = drawChart(charts, {
    id,
    ...size,
    label: `${objective.toUpperCase()} of ${measured.length} runs, at most ${prettyMilliseconds(maximum)}`,
    option: {
      ...line,
      xAxis: timeAxis,
      yAxis: {
        ...axis,
        type: 'value',
        name: unit.name,
        min: 0,
        ...(isDrawn && {
          axisLabel: { ...axis.axisLabel, showMaxLabel: false },
          max: round((Math.max(maximum, targetMs) / unit.size) * 1.1),
        }),
      },
      series: [
        {
          type: 'line',
          data: points(measured),
          showSymbol: measured.length <= 40,
          symbol: 'circle',
          symbolSize: 4,
          lineStyle: { color: 'var(--accent)', width: 1.5 },
          itemStyle: { color: 'var(--accent)' },
          ...(isDrawn && {
            markLine: {
              symbol: 'none',
              label: { show: false },
              lineStyle: { color: 'var(--unknown)', type: 'dashed', width: 1.5 },
              data: [{ yAxis: targetMs / unit.size }],
            },
          }),
        },
        { ...bad, data: points(measured.filter(({ isBad }) => isBad)) },
      ],
    },
  });
  return { chart, note: targetNote(targetMs, isDrawn) };
}

function targetNote(targetMs: number | null, isDrawn: boolean): string {
  if (targetMs === null) return '';
  return `Target ${prettyMilliseconds(targetMs)}${isDrawn ? ', the dashed line' : ', far above this scale'}.`;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
