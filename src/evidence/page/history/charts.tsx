import type { VNode } from 'preact';
import { loadCharts, type Charts } from './draw-chart.tsx';
import { drawRestoreBySize } from './restore-by-size.tsx';
import type { Series } from './series.ts';
import { drawTrend } from './trend.tsx';

/** The charts of one rehearsal of one database. */
export interface SeriesCharts {
  series: Series;
  charts: { title: string; chart: VNode; note: string }[];
}

/** Every chart takes time and room: a fleet has hundreds of databases. The most rehearsed ones have theirs. */
const mostSeries = 12;

/** Draws the charts of those that have been rehearsed twice at least. */
export async function drawCharts(all: Series[]): Promise<SeriesCharts[]> {
  const chosen = new Set(
    all
      .filter(({ runs }) => runs.length > 1)
      .toSorted((a, b) => b.runs.length - a.runs.length)
      .slice(0, mostSeries),
  );
  if (chosen.size === 0) return [];
  const charts = await loadCharts();
  return all
    .filter((series) => chosen.has(series))
    .map((series, index) => ({ series, charts: drawSeries(charts, series, `c${index}`) }))
    .filter(({ charts: drawn }) => drawn.length > 0);
}

function drawSeries(charts: Charts, { runs }: Series, id: string): SeriesCharts['charts'] {
  const oldestFirst = runs.toReversed();
  const rto = drawTrend(charts, { id: `${id}-rto`, objective: 'rto', runs: oldestFirst });
  const rpo = drawTrend(charts, { id: `${id}-rpo`, objective: 'rpo', runs: oldestFirst });
  const bySize = drawRestoreBySize(charts, { id: `${id}-size`, runs: oldestFirst });
  return [
    ...(rto === null ? [] : [{ title: 'Recovery time (RTO)', ...rto }]),
    ...(rpo === null ? [] : [{ title: 'Data loss (RPO)', ...rpo }]),
    ...(bySize === null ? [] : [{ title: 'Restore time by size', chart: bySize, note: '' }]),
  ];
}
