import prettyMilliseconds from 'pretty-ms';
import type { Step } from '../../schema.ts';
import { Badge } from '../badge.tsx';
import { Table } from '../table.tsx';

/** What was done, in this order. */
export function Steps({ steps }: { steps: Step[] }) {
  return (
    <Table
      isStacked
      label="Steps"
      head={[{ name: 'Step' }, { name: 'Result' }, { name: 'Took', isNumber: true }, { name: 'Facts' }]}
      rows={steps.map(({ name, status, durationMs, facts, error }) => [
        name,
        <Badge state={status} />,
        durationMs === null ? '' : prettyMilliseconds(durationMs),
        [
          ...Object.entries(facts).map(([fact, value]) => `${fact}: ${String(value)}`),
          ...(error === null ? [] : [`${error.code}: ${error.message}`]),
        ].join('; '),
      ])}
    />
  );
}
