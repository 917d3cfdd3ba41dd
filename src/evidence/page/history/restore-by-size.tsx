import { formatBytes } from '../../../terminal/format-bytes.ts';
import type { VNode } from 'preact';
import type { HistoryEntry } from '../../history/read-history.ts';
import { drawChart, type Charts } from './draw-chart.tsx';
import { axis, line, size } from './look.ts';
import { sizeUnit, timeUnit } from './scale.ts';

/** How long the restore took, against the size of the backup. null where there are not two sizes. */
export function drawRestoreBySize(charts: Charts, { id, runs }: { id: string; runs: HistoryEntry[] }): VNode | null {
  const points = runs.flatMap(({ restoreMs, backupBytes }) =>
    restoreMs === null || backupBytes === null ? [] : [{ ms: restoreMs, bytes: backupBytes }],
  );
  const sizes = points.map(({ bytes }) => bytes);
  const [smallest, largest] = [Math.min(...sizes), Math.max(...sizes)];
  if (points.length < 2 || smallest === largest) return null;
  const [x, y] = [sizeUnit(largest), timeUnit(Math.max(...points.map(({ ms }) => ms)))];
  return drawChart(charts, {
    id,
    ...size,
    label: `Restore time of ${points.length} backups of ${formatBytes(smallest)} to ${formatBytes(largest)}`,
    option: {
      ...line,
      grid: { ...line.grid, bottom: 40 },
      xAxis: {
        ...axis,
        type: 'value',
        scale: true,
        name: `size of the backup, ${x.name}`,
        nameLocation: 'middle',
        nameGap: 24,
        nameTextStyle: { color: 'var(--soft)', fontSize: 11 },
      },
      yAxis: { ...axis, type: 'value', name: y.name, min: 0 },
      series: [
        {
          type: 'scatter',
          symbolSize: 5,
          itemStyle: { color: 'var(--accent)', opacity: 0.7 },
          data: points.map(({ ms, bytes }) => [
            Number((bytes / x.size).toPrecision(4)),
            Number((ms / y.size).toPrecision(4)),
          ]),
        },
      ],
    },
  });
}
