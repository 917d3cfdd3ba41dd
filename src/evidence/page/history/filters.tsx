import type { Series } from './series.ts';

/** What is to be shown. Without a script nothing would come of them, and it shows them first. */
export function Filters({ all }: { all: Series[] }) {
  const distinct = (values: string[]) => [...new Set(values)].toSorted();
  return (
    <form id="filters" class="filters" aria-label="What is shown" hidden>
      <Choice name="database" label="Database" choices={distinct(all.map(({ database }) => database))} />
      <Choice name="rehearsal" label="Rehearsal" choices={distinct(all.map(({ rehearsal }) => rehearsal))} />
      <Choice name="verdict" label="Verdict" choices={['verified', 'not-verified', 'could-not-run']} />
      <button type="reset">Show all</button>
      <output id="shown" role="status" />
    </form>
  );
}

function Choice({ name, label, choices }: { name: string; label: string; choices: string[] }) {
  return (
    <label>
      {label}
      <select name={name}>
        <option value="">all</option>
        {choices.map((choice) => (
          <option value={choice}>{choice}</option>
        ))}
      </select>
    </label>
  );
}
