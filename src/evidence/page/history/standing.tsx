import { Badge } from '../badge.tsx';
import { Table } from '../table.tsx';
import { RunLink } from './run-link.tsx';
import type { Series } from './series.ts';
import { showDuration } from './show-duration.ts';

/** Where each rehearsal of each database stands: its last run, and when it was last verified. */
export function Standing({ all }: { all: Series[] }) {
  return (
    <Table
      isStacked
      label="Where it stands"
      head={[
        { name: 'Database' },
        { name: 'Rehearsal' },
        { name: 'Last run' },
        { name: 'Verdict' },
        { name: 'Last verified' },
        { name: 'RTO', isNumber: true },
        { name: 'RPO', isNumber: true },
      ]}
      rows={all.map(({ database, rehearsal, runs: [last, ...earlier] }) => {
        const verified = [last, ...earlier].find(({ verdict }) => verdict === 'verified');
        return [
          <bdi>{database}</bdi>,
          <bdi>{rehearsal}</bdi>,
          <RunLink run={last} />,
          <Badge state={last.verdict} text={last.reason === null ? last.verdict : `${last.verdict}: ${last.reason}`} />,
          verified === undefined ? <Badge state="not-run" text="never" /> : <RunLink run={verified} />,
          showDuration(last.rto),
          showDuration(last.rpo),
        ];
      })}
    />
  );
}
