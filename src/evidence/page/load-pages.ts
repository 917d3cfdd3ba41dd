import { loadCharts } from './history/draw-chart.tsx';

/** Loads what draws the pages while something else is waited for. Whoever draws says what cannot be loaded. */
export async function loadPages(): Promise<void> {
  await Promise.allSettled([import('./run/run-page.tsx'), import('./history/history-page.tsx'), loadCharts()]);
}
