import prettyMilliseconds from 'pretty-ms';
import { formatBytes } from '../../../terminal/format-bytes.ts';
import { isSummary } from '../../night.ts';
import type { Evidence } from '../../schema.ts';
import { Badge } from '../badge.tsx';
import type { State } from '../tone.ts';

/** The few numbers that sum a rehearsal up. */
export function Figures(evidence: Pick<Evidence, 'rehearsal' | 'objectives' | 'checks' | 'subject'>) {
  const { objectives, checks, subject } = evidence;
  const passed = checks.filter(({ status }) => status === 'passed').length;
  const made = checks.filter(({ status }) => status !== 'not-applicable').length;
  return (
    <dl class="figures">
      {!isSummary(evidence) && (
        <>
          <Objective name="Recovery time (RTO)" {...objectives.rto} notApplicable={null} />
          <Objective name="Data loss (RPO)" {...objectives.rpo} />
        </>
      )}
      <div>
        <dt>Checks</dt>
        <dd class="figure">
          {passed} of {made}
        </dd>
        <dd>
          <Badge {...resultOf(passed, made)} />
        </dd>
      </div>
      {subject !== null && (
        <div>
          <dt>Backup</dt>
          <dd class="figure">{formatBytes(subject.bytes)}</dd>
          <dd>{subject.format}</dd>
        </div>
      )}
    </dl>
  );
}

function resultOf(passed: number, made: number): { state: State; text: string } {
  if (made === 0) return { state: 'not-run', text: 'none was made' };
  return passed === made
    ? { state: 'passed', text: 'passed' }
    : { state: 'failed', text: `${made - passed} not passed` };
}

function Objective({
  name,
  measuredMs,
  targetMs,
  met,
  notApplicable,
}: { name: string } & Evidence['objectives']['rpo']) {
  const state: State =
    met === null ? (notApplicable === null ? 'not measured' : 'not applicable') : met ? 'met' : 'missed';
  return (
    <div>
      <dt>{name}</dt>
      <dd class="figure">{measuredMs === null ? '–' : prettyMilliseconds(measuredMs)}</dd>
      <dd>
        <Badge
          state={state}
          text={
            notApplicable === null ? `${state}, target ${prettyMilliseconds(targetMs)}` : `${state}: ${notApplicable}`
          }
        />
      </dd>
    </div>
  );
}
