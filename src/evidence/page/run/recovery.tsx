import prettyMilliseconds from 'pretty-ms';
import { describeObjective } from '../../describe.ts';
import type { Evidence } from '../../schema.ts';
import { Table } from '../table.tsx';

/** A timeline: which phase of the recovery took how long, one after the other. */
export function Recovery({ rto }: { rto: Evidence['objectives']['rto'] }) {
  const phases = placePhases(rto.phases);
  const totalMs = Math.max(
    1,
    phases.reduce((sum, { ms }) => sum + ms, 0),
  );
  return (
    <>
      <p>
        From the moment the database was gone to the moment the application answered again:{' '}
        {describeObjective({ ...rto, notApplicable: null })}.
      </p>
      {phases.length > 0 && (
        <Table
          label="Phases of the recovery"
          head={[
            { name: 'Phase' },
            { name: 'Took', isNumber: true },
            { name: 'Share', isNumber: true },
            { name: 'When' },
          ]}
          rows={phases.map(({ name, startMs, ms }) => [
            name,
            prettyMilliseconds(ms),
            `${Math.round((ms / totalMs) * 100)} %`,
            <Bar start={startMs / totalMs} length={ms / totalMs} />,
          ])}
        />
      )}
    </>
  );
}

/** Phases follow each other without a gap. */
function placePhases(phases: Record<string, number>): { name: string; startMs: number; ms: number }[] {
  let startMs = 0;
  return Object.entries(phases).map(([name, ms]) => {
    startMs += ms;
    return { name, startMs: startMs - ms, ms };
  });
}

const width = 1000;

function Bar({ start, length }: { start: number; length: number }) {
  const place = (share: number) => Math.round(share * width);
  return (
    <svg class="bar" viewBox={`0 0 ${width} 10`} preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width={width} height="10" />
      <rect class="phase" x={place(start)} width={Math.max(place(length), 4)} height="10" />
    </svg>
  );
}
