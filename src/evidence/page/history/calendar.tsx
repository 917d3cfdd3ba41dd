import { count } from '../../../terminal/count.ts';
import type { HistoryEntry } from '../../history/read-history.ts';
import type { Verdict } from '../../schema.ts';
import { worstByDay, type Day } from './days.ts';

const dayMs = 86_400_000;
const [cell, left, top] = [11, 28, 16];
const step = cell + 2;
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A year a strip, a week a column: the worst verdict of each day. Days without a rehearsal stay empty. */
export function Calendar({ runs }: { runs: HistoryEntry[] }) {
  const days = worstByDay(runs);
  const years = [...new Set(days.map(({ date }) => date.slice(0, 4)))];
  return (
    <>
      <svg class="marks" aria-hidden="true">
        <symbol id="verified" viewBox="0 0 11 11">
          <rect class="verified" width="11" height="11" rx="2" />
        </symbol>
        <symbol id="not-verified" viewBox="0 0 11 11">
          <rect class="not-verified" width="11" height="11" rx="2" />
          <path class="sign" d="M3 3l5 5M8 3l-5 5" />
        </symbol>
        <symbol id="could-not-run" viewBox="0 0 11 11">
          <rect class="could-not-run" width="11" height="11" rx="2" />
          <path class="sign" d="M3 5.5h5" />
        </symbol>
      </svg>
      {years.map((year) => (
        <Year year={year} days={days.filter(({ date }) => date.startsWith(year))} />
      ))}
      <p class="legend">
        {(['verified', 'not-verified', 'could-not-run'] as const).map((verdict) => (
          <span>
            <Mark verdict={verdict} /> {verdict}{' '}
          </span>
        ))}
        The worst of each day, in UTC.
      </p>
    </>
  );
}

function Mark({ verdict }: { verdict: Verdict }) {
  return (
    <svg viewBox="0 0 11 11" class="mark" aria-hidden="true">
      <use href={`#${verdict}`} />
    </svg>
  );
}

function Year({ year, days }: { year: string; days: Day[] }) {
  const start = Date.UTC(Number(year), 0, 1);
  // Weeks begin on Monday.
  const shift = (new Date(start).getUTCDay() + 6) % 7;
  const place = (ms: number) => Math.round((ms - start) / dayMs) + shift;
  const bad = days.filter(({ verdict }) => verdict !== 'verified').length;
  const label = `${year}: rehearsed on ${count(days.length, 'day')}, not verified on ${count(bad, 'day')}`;
  return (
    <svg class="calendar" viewBox={`0 0 ${left + 54 * step} ${top + 7 * step}`} role="img" aria-label={label}>
      <text class="year" x="0" y="10">
        {year}
      </text>
      {monthNames.map((name, month) => (
        <text x={left + Math.floor(place(Date.UTC(Number(year), month, 7)) / 7) * step} y="10">
          {name}
        </text>
      ))}
      <path class="empty" d={emptyDays(Number(year), place)} />
      {days.map(({ date, verdict, runs }) => {
        const at = place(Date.parse(date));
        return (
          <use href={`#${verdict}`} data-day={date} {...placeOf(at)} width={cell} height={cell}>
            <title>{`${date}: ${verdict}, ${count(runs, 'run')}`}</title>
          </use>
        );
      })}
    </svg>
  );
}

function placeOf(at: number): { x: number; y: number } {
  return { x: left + Math.floor(at / 7) * step, y: top + (at % 7) * step };
}

function emptyDays(year: number, place: (ms: number) => number): string {
  const [first, last] = [place(Date.UTC(year, 0, 1)), place(Date.UTC(year, 11, 31))];
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const { x, y } = placeOf(first + index);
    return `M${x} ${y}h${cell}v${cell}h-${cell}z`;
  }).join('');
}
