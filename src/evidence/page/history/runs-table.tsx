import { formatBytes } from '../../../terminal/format-bytes.ts';
import type { HistoryEntry } from '../../history/read-history.ts';
import { toneOf } from '../tone.ts';
import { RunLink } from './run-link.tsx';
import { unnamed } from './series.ts';
import { showDuration } from './show-duration.ts';

/** Every run, the newest first. There are thousands: a row has nothing that it can do without. */
export function RunsTable({ runs }: { runs: HistoryEntry[] }) {
  return (
    <div class="scroll" role="region" aria-label="All runs" tabIndex={0}>
      <table id="runs">
        <thead>
          <tr>
            <th scope="col">Started, UTC</th>
            <th scope="col">Database</th>
            <th scope="col">Rehearsal</th>
            <th scope="col">Verdict</th>
            <th scope="col">Because of</th>
            <th scope="col" class="number">
              RTO
            </th>
            <th scope="col" class="number">
              RPO
            </th>
            <th scope="col" class="number">
              Backup
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr>
              <th scope="row">
                <RunLink run={run} />
              </th>
              <td>{run.database ?? unnamed}</td>
              <td>{run.rehearsal}</td>
              <td>
                <span class={`badge ${toneOf(run.verdict)}`}>{run.verdict}</span>
              </td>
              <td>{[run.reason, run.note].filter((text) => text !== null).join('; ')}</td>
              <td class="number">{showDuration(run.rto)}</td>
              <td class="number">{showDuration(run.rpo)}</td>
              <td class="number">{run.backupBytes === null ? '–' : formatBytes(run.backupBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
