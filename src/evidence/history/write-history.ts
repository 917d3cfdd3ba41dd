import { join } from 'node:path';
import { replaceFile } from '../../system/durable.ts';
import { withFileLock } from '../../system/file-lock.ts';
import { readHistory } from './read-history.ts';

export const historyFile = 'index.html';

const patienceMs = 60_000;

/** What draws the charts takes a tenth of a second to load: it can be loaded while something else is waited for. */
export const loadHistoryPage = () => import('../page/history/history-page.tsx');

/**
 * Makes the page of the history anew. One process at a time: of several runs that end at once, the last to write has seen the
 * evidence of all.
 * @returns the path of the page, and how many runs it shows
 * @throws LockHeld, and what the file system says
 */
export async function writeHistory(reports: string): Promise<{ file: string; runs: number }> {
  const file = join(reports, historyFile);
  return withFileLock(join(reports, `.${historyFile}.lock`), patienceMs, async () => {
    const history = await readHistory(reports);
    const { renderHistoryPage } = await loadHistoryPage();
    await replaceFile(file, await renderHistoryPage(history));
    return { file, runs: history.runs.length };
  });
}
