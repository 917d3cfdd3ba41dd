import { countState } from '../../count-state.ts';
import type { Evidence } from '../../schema.ts';
import { Badge } from '../badge.tsx';
import { Table, type Column } from '../table.tsx';
import type { State } from '../tone.ts';

const head: Column[] = [
  { name: 'Table' },
  { name: 'Before', isNumber: true },
  { name: 'After', isNumber: true },
  { name: 'Result' },
];

/** More equal tables than these are folded away. */
const shownEqual = 20;

/** Row counts: the tables that differ come first. */
export function Counts({ counts, findings }: Pick<Evidence, 'counts' | 'findings'>) {
  const all = Object.entries(counts).map(([name, count]) => ({
    name,
    ...count,
    state: countState(name, count, findings),
  }));
  const equal = all.filter(({ state }) => state.weight === 'equal');
  const other = all.filter(({ state }) => state.weight !== 'equal');
  const shown = equal.slice(0, shownEqual);
  const folded = equal.slice(shownEqual);
  return (
    <>
      <Table label="Row counts" head={head} rows={[...other, ...shown].map(toRow)} />
      {folded.length > 0 && (
        <details>
          <summary>{folded.length} more tables, all equal</summary>
          <Table label="Row counts of further tables" head={head} rows={folded.map(toRow)} />
        </details>
      )}
    </>
  );
}

type Counted = { name: string; state: ReturnType<typeof countState> } & Evidence['counts'][string];

function toRow({ name, before, after, state }: Counted) {
  const weight: State = state.weight;
  return [<bdi>{name}</bdi>, show(before), show(after), <Badge state={weight} text={state.text} />];
}

function show(count: number | null): string {
  return count === null ? '–' : count.toLocaleString('en').replaceAll(',', '\u202F');
}
