import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadCharts } from './history/draw-chart.tsx';

/**
 * Loads what draws the pages while something else is waited for. Whoever draws says what cannot be loaded.
 * @param reports where charts, which take a second run, are only drawn if there was a first
 */
export async function loadPages(reports: string): Promise<void> {
  const charts = existsSync(join(reports, 'index.html')) ? loadCharts() : null;
  await Promise.allSettled([import('./run/run-page.tsx'), import('./history/history-page.tsx'), charts]);
}
