import { rehearsedIn } from '../../night.ts';
import type { Evidence } from '../../schema.ts';
import { Badge } from '../badge.tsx';
import { Table } from '../table.tsx';

/** What a night has rehearsed, with the way to the page of each: recovery time, row counts and findings are there. */
export function NightRehearsals({ evidence }: { evidence: Evidence }) {
  const all = rehearsedIn(evidence);
  if (all.length === 0) return <p>No rehearsal came to its end in this night.</p>;
  return (
    <Table
      label="Rehearsals of this night"
      head={[{ name: 'Rehearsal' }, { name: 'Verdict' }]}
      rows={all.map(({ rehearsal, verdict, directory }) => [
        <a href={`../${encodeURIComponent(directory)}/evidence.html`}>
          <bdi>{rehearsal}</bdi>
        </a>,
        <Badge state={verdict} />,
      ])}
    />
  );
}
