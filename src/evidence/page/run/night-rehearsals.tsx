import { rehearsedIn } from '../../night.ts';
import { isFleet } from '../../fleet.ts';
import type { Evidence } from '../../schema.ts';
import { Badge } from '../badge.tsx';
import { Table } from '../table.tsx';

/** What a night, or a plan of several databases, has rehearsed, with the way to the page of each: recovery time, row counts and findings are there. */
export function NightRehearsals({ evidence }: { evidence: Evidence }) {
  const all = rehearsedIn(evidence);
  if (all.length === 0) return <p>No rehearsal came to its end.</p>;
  const ofFleet = isFleet(evidence);
  return (
    <Table
      label={ofFleet ? 'Databases' : 'Rehearsals of this night'}
      head={[{ name: 'Rehearsal' }, { name: 'Verdict' }]}
      rows={all.map(({ rehearsal, verdict, directory, step }) => [
        <a href={`../${encodeURIComponent(directory)}/evidence.html`}>
          <bdi>{ofFleet ? `${step}: ${rehearsal}` : rehearsal}</bdi>
        </a>,
        <Badge state={verdict} />,
      ])}
    />
  );
}
