import { basename } from 'node:path';
import prettyMilliseconds from 'pretty-ms';
import type { Profile } from '../../config/profile.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import { readEarlier } from '../../evidence/earlier.ts';
import type { Check, Counts, Evidence, Finding } from '../../evidence/schema.ts';
import type { Drill } from '../drill.ts';
import { measureObjectives, type Phase } from '../objectives.ts';
import type { StepBody } from '../step.ts';
import { compareVolume } from '../volume.ts';
import type { ChosenBackup } from './select-backup.ts';

/** Name of the rehearsal whose earlier evidence is looked at. */
const rehearsalName = 'latest-backup';

const phases: Phase[] = [
  ['choose', 'gone', 'chosen'],
  ['server', 'chosen', 'served'],
  ['examine', 'served', 'examined'],
  ['recreate', 'examined', 'recreated'],
  ['restore', 'recreated', 'restored'],
  ['compare', 'restored', 'compared'],
  ['application', 'compared', 'answering'],
];

interface Needs {
  backup: ChosenBackup;
  /** Row counts of the restored database. */
  counts: Counts;
  /** What is known of the age of the data in it. */
  freshness: Contribution;
}

/** Judges how old the backup and the data in it are, and how much it holds, once it is known whether it restores. */
export const judgeBackup: StepBody<Needs> = async (drill, { backup, counts, freshness }) => {
  const { takenAt } = backup;
  const ageMs = Math.max(0, drill.run.startedAt.getTime() - takenAt.getTime());
  const objectives = measureObjectives(drill, phases, drill.isAssumed ? noObjective : ageMs);
  const earlier = await compareWithEarlier(drill, backup, counts, ageMs);
  return {
    summary: `${prettyMilliseconds(ageMs, { compact: true })} old`,
    facts: { ageMs, ...freshness.facts, ...earlier.facts },
    objectives: objectives.objectives,
    checks: [...objectives.checks, ...(freshness.checks ?? []), ...(earlier.checks ?? [])],
    findings: [
      ...objectives.findings.map((finding) => named(finding, drill, backup)),
      ...(freshness.findings ?? []),
      ...(earlier.findings ?? []),
    ],
    ...(freshness.coverage && { coverage: freshness.coverage }),
  };
};

const noObjective = { notApplicable: 'there is no profile that says how old a backup may be' };

function named(finding: Finding, drill: Drill, { set, takenAt }: ChosenBackup): Finding {
  if (finding.rule !== 'RPO_EXCEEDED') return finding;
  const { rpo } = drill.profile.objectives;
  return {
    ...finding,
    rule: 'BACKUP_STALE',
    object: basename(set.dump),
    message: `The backup is of ${takenAt.toISOString()}, ${prettyMilliseconds(drill.run.startedAt.getTime() - takenAt.getTime(), { compact: true })} before this rehearsal; the RPO is ${prettyMilliseconds(rpo)}.`,
    remedy:
      'See why there is no newer backup: whether the backup job runs, ends well, and writes where it is looked for.',
  };
}

/** What the last verified rehearsal of a backup of this database tells about this one. */
async function compareWithEarlier(
  drill: Drill,
  backup: ChosenBackup,
  counts: Counts,
  ageMs: number,
): Promise<Contribution> {
  const { evidence, volume, database } = drill.profile;
  for await (const earlier of readEarlier(evidence.directory, rehearsalName)) {
    if (earlier.verdict !== 'verified' || !isOf(earlier, database)) continue;
    const findings = [...sameAgain(drill, backup, earlier, ageMs), ...shrunk(backup, counts, earlier, volume)];
    return {
      facts: { comparedWith: earlier.id },
      checks: [volumeCheck(findings, earlier)],
      findings,
    };
  }
  const reason = 'no earlier backup of this database has been verified';
  return { checks: [{ id: 'volume', status: 'not-applicable', reason, expected: null, actual: null }] };
}

/** Of several databases with the same name, evidence calls each by another. */
function isOf({ steps, about }: Evidence, { name, alias }: Profile['database']): boolean {
  if (alias !== undefined && about?.database !== alias) return false;
  return steps.some(({ facts }) => facts['database'] === name);
}

/** The same backup as last time, though another one was due by now. */
function sameAgain(
  { profile }: Drill,
  { set, examination }: ChosenBackup,
  { subject, startedAt }: Evidence,
  ageMs: number,
): Finding[] {
  const { evidence, objectives } = profile;
  const dueMs = evidence.frequency ?? objectives.rpo;
  if (subject === null || subject.sha256 !== examination.sha256 || ageMs <= dueMs) return [];
  const { dump } = set;
  return [
    {
      rule: 'BACKUP_UNCHANGED',
      severity: 'warning',
      object: basename(dump),
      message: `${basename(dump)} is the backup that was rehearsed at ${startedAt} already, and a newer one was due ${prettyMilliseconds(dueMs)} after it was taken.`,
      remedy: 'See why there is no newer backup: whether the backup job runs, and writes where it is looked for.',
    },
  ];
}

/** An older backup may well hold less than a newer one did. */
function shrunk(
  { takenAt }: ChosenBackup,
  counts: Counts,
  { subject, counts: before }: Evidence,
  volume: Drill['profile']['volume'],
): Finding[] {
  if (subject === null || Date.parse(subject.takenAt) > takenAt.getTime()) return [];
  return compareVolume(before, counts, volume, { earlier: subject.takenAt });
}

function volumeCheck(findings: Finding[], { startedAt }: Evidence): Check {
  const shrank = findings.filter(({ rule }) => rule === 'TABLE_SHRANK').map(({ object }) => object);
  return {
    id: 'volume',
    status: shrank.length === 0 ? 'passed' : 'failed',
    reason: null,
    expected: `no table with much less than in the rehearsal of ${startedAt}`,
    actual: shrank.length === 0 ? 'none' : shrank.slice(0, 5).join(', '),
  };
}
