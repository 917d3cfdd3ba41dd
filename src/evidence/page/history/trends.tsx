import { count } from '../../../terminal/count.ts';
import type { SeriesCharts } from './charts.tsx';
import type { Series } from './series.ts';

/** The charts, a part for each rehearsal of each database; more than a few are folded. */
export function Trends({ drawn, all }: { drawn: SeriesCharts[]; all: Series[] }) {
  const repeated = all.filter(({ runs }) => runs.length > 1).length;
  return (
    <>
      {drawn.map(({ series, charts }, index) => (
        <details class="trend" open={index < 3} data-database={series.database} data-rehearsal={series.rehearsal}>
          <summary>
            <bdi>{series.rehearsal}</bdi> of <bdi>{series.database}</bdi>, {count(series.runs.length, 'run')}
          </summary>
          <div class="charts">
            {charts.map(({ title, chart, note }) => (
              <figure>
                <figcaption>
                  {title}. {note}
                </figcaption>
                {chart}
              </figure>
            ))}
          </div>
        </details>
      ))}
      {drawn.length === 0 ? (
        <p>There is a trend once something was rehearsed twice.</p>
      ) : (
        <p class="why">A diamond is a run that was not verified, or missed its target.</p>
      )}
      {drawn.length < repeated && (
        <p>
          Drawn for the {drawn.length} of {repeated} that were rehearsed most often.
        </p>
      )}
    </>
  );
}
