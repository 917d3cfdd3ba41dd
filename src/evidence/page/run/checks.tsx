import type { Check } from '../../schema.ts';
import { Badge } from '../badge.tsx';
import { Table } from '../table.tsx';

/** What was checked, what was expected, and what was there. */
export function Checks({ checks }: { checks: Check[] }) {
  return (
    <Table
      isStacked
      label="Checks"
      head={[{ name: 'Check' }, { name: 'Result' }, { name: 'Expected' }, { name: 'Actual' }]}
      rows={checks.map(({ id, status, expected, actual, reason }) => [
        <code>{id}</code>,
        <Badge state={status} />,
        expected,
        [actual, reason].filter((text) => text !== null).join('; '),
      ])}
    />
  );
}
