import { readFileSync } from 'node:fs';
import { count } from '../../../terminal/count.ts';
import type { History } from '../../history/read-history.ts';
import { renderDocument } from '../document.tsx';
import { Section } from '../section.tsx';
import { readStyle } from '../style.ts';
import { Calendar } from './calendar.tsx';
import { drawCharts } from './charts.tsx';
import { Filters } from './filters.tsx';
import { Ledger } from './ledger.tsx';
import { RunsTable } from './runs-table.tsx';
import { groupRuns } from './series.ts';
import { Standing } from './standing.tsx';
import { Trends } from './trends.tsx';

/** The history of all rehearsals as a page. */
export async function renderHistoryPage(history: History): Promise<string> {
  const { runs } = history;
  const all = groupRuns(runs);
  const drawn = await drawCharts(all);
  return renderDocument({
    title: 'Restore rehearsals',
    style: readStyle('page.css', 'history/history.css'),
    ...(runs.length > 0 && { script: readFileSync(new URL('filter-runs.mjs', import.meta.url), 'utf8') }),
    children: (
      <>
        <main>
          <header>
            <h1>Restore rehearsals</h1>
            <p class="sentence">{sumUp(history, new Set(all.map(({ database }) => database)).size)}</p>
          </header>
          {runs.length > 0 && (
            <>
              <Section id="standing" title="Where it stands">
                <Standing all={all} />
              </Section>
              <Section id="calendar" title="Verdicts by day">
                <Filters all={all} />
                <Calendar runs={runs} />
              </Section>
              <Section id="trends" title="Trends">
                <Trends drawn={drawn} all={all} />
              </Section>
              <Section id="all" title="All runs">
                <RunsTable runs={runs} />
              </Section>
            </>
          )}
          <Section id="ledger" title="Ledger">
            <Ledger {...history} />
          </Section>
        </main>
        <footer>Made of the evidence beside this page, which is what counts. Times are in UTC.</footer>
      </>
    ),
  });
}

function sumUp({ runs }: History, databases: number): string {
  const [newest, oldest] = [runs[0], runs.at(-1)];
  if (newest === undefined || oldest === undefined) return 'Nothing has been rehearsed yet.';
  const verified = runs.filter(({ verdict }) => verdict === 'verified').length;
  const [from, to] = [oldest.startedAt.slice(0, 10), newest.startedAt.slice(0, 10)];
  const when = from === to ? `on ${from}` : `from ${from} to ${to}`;
  return `${count(runs.length, 'run')} ${when}, of ${count(databases, 'database')}: ${verified} verified, ${runs.length - verified} not.`;
}
