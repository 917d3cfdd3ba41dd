import { span } from '../cadence.ts';
import { notACertificate } from '../controls.ts';
import { notesOn } from '../notes.ts';
import { escape, section, table } from '../sinks/markdown-text.ts';
import { renderNotes } from '../sinks/markdown-notes.ts';
import type { LedgerLine } from '../ledger/line.ts';
import { startedAt } from '../ledger/started-at.ts';
import type { CoverageStatement, CoveredRun, DrillCoverage } from './coverage.ts';

/** What was rehearsed and what was not, as a document for a person. Pure. */
export function renderCoverage(statement: CoverageStatement, runs: CoveredRun[], lines: LedgerLine[]): string {
  const { from, to, frequencyMs, drills, neverRehearsed } = statement;
  const asked =
    frequencyMs === null
      ? 'Nothing says how often each has to run, so no gap is named.'
      : `Asked for is one every ${span(frequencyMs)}, a tenth later or an hour is in time.`;
  const parts = [
    `# Restore rehearsals from ${from} to ${to}\n\nRuns that started in this time; its end is not in it. ${asked}`,
    section('How often', frequency(drills)),
    section('Never rehearsed', neverRehearsed.map((database) => `- ${escape(database)}`).join('\n')),
    section('Gaps', gaps(drills)),
    section('Never checked', neverChecked(drills)),
    section('Clauses', clauses(runs)),
    section('Runs', listRuns(runs)),
    renderNotes(runs.flatMap(({ line }) => notesOn(lines, line.id))),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function nameOf({ database, rehearsal }: Pick<DrillCoverage, 'database' | 'rehearsal'>): string {
  return `${rehearsal}${database === null ? '' : ` of ${database}`}`;
}

function frequency(drills: DrillCoverage[]): string {
  if (drills.length === 0) return 'Nothing was rehearsed.';
  const rows = drills.map((drill) => [
    nameOf(drill),
    ...[drill.runs.verified, drill.runs['not-verified'], drill.runs['could-not-run']],
    ...[drill.first, drill.last, drill.gaps.length],
  ]);
  return table(['Rehearsal', 'Verified', 'Not verified', 'Could not run', 'First', 'Last', 'Gaps'], rows);
}

function gaps(drills: DrillCoverage[]): string {
  const rows = drills.flatMap((drill) => drill.gaps.map(({ from, to, ms }) => [nameOf(drill), from, to, span(ms)]));
  return table(['Rehearsal', 'From', 'To', 'Long'], rows);
}

function neverChecked(drills: DrillCoverage[]): string {
  const rows = drills.flatMap((drill) => drill.neverChecked.map(({ what, why }) => [nameOf(drill), what, why]));
  return table(['Rehearsal', 'What', 'Why'], rows);
}

function clauses(runs: CoveredRun[]): string {
  const counts = new Map<string, { cells: string[]; supported: number; reason: string | null }>();
  for (const { evidence } of runs) {
    for (const { framework, clause, title, status, reason } of evidence?.controls ?? []) {
      const key = `${framework} ${clause}`;
      const before = counts.get(key) ?? { cells: [framework, clause, title], supported: 0, reason: null };
      const supported = before.supported + (status === 'supported' ? 1 : 0);
      counts.set(key, { ...before, supported, reason: reason ?? before.reason });
    }
  }
  if (counts.size === 0) return '';
  const rows = [...counts.values()].map(({ cells, supported, reason }) => [
    ...cells,
    supported,
    supported === 0 ? reason : null,
  ]);
  return `${notACertificate}\n\n${table(['Framework', 'Clause', 'Asks that', 'Runs that support it', 'Why none'], rows)}`;
}

function listRuns(runs: CoveredRun[]): string {
  const rows = runs.map(({ line, evidence }) => [
    startedAt(line).toISOString(),
    nameOf(line),
    line.verdict,
    evidence === null ? 'cannot be read' : evidence.findings.map(({ rule }) => rule).join(', ') || null,
    line.id,
  ]);
  return table(['Started', 'Rehearsal', 'Verdict', 'Findings', 'Evidence'], rows);
}
