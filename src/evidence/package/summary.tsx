import { span } from '../cadence.ts';
import { renderDocument } from '../page/document.tsx';
import { Section } from '../page/section.tsx';
import { Table } from '../page/table.tsx';
import { startedAt } from '../ledger/started-at.ts';
import type { CoverageStatement, CoveredRun, DrillCoverage } from './coverage.ts';

const style = `
@page { size: A4 landscape; margin: 15mm }
body { font: 10pt/1.4 sans-serif; color: #111; background: #fff }
h1 { font-size: 16pt } h2 { font-size: 12pt; break-after: avoid }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #ccc; padding: 2pt 6pt 2pt 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; font-weight: normal }
thead th { font-weight: bold; overflow-wrap: normal } tr { break-inside: avoid }
`;

/** The statement of coverage as a page to print. Pure. */
export function renderSummaryPage(statement: CoverageStatement, runs: CoveredRun[]): string {
  const { from, to, drills, neverRehearsed, frequencyMs } = statement;
  const title = `Restore rehearsals from ${from} to ${to}`;
  return renderDocument({
    title,
    style,
    children: (
      <main>
        <h1>{title}</h1>
        <p>
          {frequencyMs === null
            ? 'Nothing says how often each has to run, so no gap is named.'
            : `Asked for is one every ${span(frequencyMs)}.`}{' '}
          This says what was tested. It is no certification.
        </p>
        {neverRehearsed.length > 0 && <p>Never rehearsed in this time: {neverRehearsed.join(', ')}.</p>}
        <Section id="often" title="How often">
          <Table
            label="How often"
            head={columns(['Rehearsal', 'Verified', 'Not verified', 'Could not run', 'First', 'Last'])}
            rows={drills.map(often)}
          />
        </Section>
        <Section id="gaps" title="Gaps">
          <Table label="Gaps" head={columns(['Rehearsal', 'From', 'To', 'Long'])} rows={drills.flatMap(gaps)} />
        </Section>
        <Section id="never" title="Never checked">
          <Table label="Never checked" head={columns(['Rehearsal', 'What', 'Why'])} rows={drills.flatMap(unchecked)} />
        </Section>
        <Section id="runs" title="Runs">
          <Table
            label="Runs"
            head={columns(['Started', 'Rehearsal', 'Verdict', 'Findings', 'Evidence'])}
            rows={runs.map(runRow)}
          />
        </Section>
      </main>
    ),
  });
}

function columns(names: string[]) {
  return names.map((name) => ({ name }));
}

function nameOf({ database, rehearsal }: Pick<DrillCoverage, 'database' | 'rehearsal'>): string {
  return `${rehearsal}${database === null ? '' : ` of ${database}`}`;
}

function often(drill: DrillCoverage) {
  const { runs, first, last } = drill;
  return [nameOf(drill), runs.verified, runs['not-verified'], runs['could-not-run'], first, last];
}

function gaps(drill: DrillCoverage) {
  return drill.gaps.map(({ from, to, ms }) => [nameOf(drill), from, to, span(ms)]);
}

function unchecked(drill: DrillCoverage) {
  return drill.neverChecked.map(({ what, why }) => [nameOf(drill), what, why]);
}

function runRow({ line, evidence }: CoveredRun) {
  const findings = evidence === null ? 'cannot be read' : evidence.findings.map(({ rule }) => rule).join(', ');
  return [startedAt(line).toISOString(), nameOf(line), line.verdict, findings, line.id];
}
