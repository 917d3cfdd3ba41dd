import type { Evidence } from '../../schema.ts';
import { Badge } from '../badge.tsx';
import { Table } from '../table.tsx';

/** Which faults were put into copies of the backup, and whether they were found. */
export function SelfChallenge({ tried, caught, missed, notTried, faults }: NonNullable<Evidence['selfChallenge']>) {
  return (
    <>
      <p>
        Copies of the backup were damaged on purpose, and rehearsed. Tried {tried}, caught {caught}, missed {missed},
        not possible here {notTried}.
      </p>
      <Table
        isStacked
        label="Faults"
        head={[{ name: 'Fault' }, { name: 'Outcome' }, { name: 'Has to be found as' }, { name: 'Found' }]}
        rows={faults.map(({ name, failsAt, finding, verdict, outcome, actual, reason }) => [
          name,
          <Badge state={outcome} />,
          `${finding} at ${failsAt}, ${verdict}`,
          outcome === 'caught' ? '' : (reason ?? actual),
        ])}
      />
    </>
  );
}
