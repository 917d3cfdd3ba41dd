import prettyMilliseconds from 'pretty-ms';
import { formatBytes } from '../terminal/format-bytes.ts';
import { isFleet } from './fleet.ts';
import { isNight, isSummary } from './night.ts';
import type { Evidence } from './schema.ts';

/** What a rehearsal was about, in words that every rendering has. Nothing here is escaped: each escapes for itself. */

/** What names a rehearsal. */
interface Titled {
  rehearsal: string;
  about: Pick<About, 'database' | 'label'> | null;
}

/** `latest-backup of shop (production)`. Pure. */
export function titleOf({ rehearsal, about }: Titled): string {
  if (about === null) return rehearsal;
  return `${rehearsal} of ${about.database}${about.label === null ? '' : ` (${about.label})`}`;
}

/** What speaks against a rehearsal, a line each: findings with what to do, else steps and checks that did not pass. Pure. */
export function whatSpeaksAgainst({ findings, steps, checks }: Evidence): string[] {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const found = errors.map(({ rule, message, remedy }) => `${rule}: ${message} What to do: ${remedy}`);
  const failed = steps.flatMap(({ name, error }) =>
    error === null || repeatsFindings(error, findings) ? [] : [`${error.code}: ${name}: ${error.message}`],
  );
  const told = [...found, ...failed];
  if (told.length > 0) return told;
  return checks
    .filter(({ status }) => status === 'failed' || status === 'not-run')
    .map(({ id, status, actual, reason }) => `${id}: ${actual ?? reason ?? status}`);
}

/** Whether the error of a step says nothing but what a finding does: it failed because of what it found. Pure. */
export function repeatsFindings({ message }: { message: string }, findings: Evidence['findings']): boolean {
  return findings.some((finding) => message.startsWith(`${finding.rule}: ${finding.message}`));
}

/** The first thing that speaks against a rehearsal, in brackets: ` (NO_BACKUP)`. Pure. */
export function reasonOf(evidence: Evidence): string {
  const reason = firstReason(evidence);
  return reason === null ? '' : ` (${reason})`;
}

/** The first thing that speaks against a rehearsal, by its name; null where nothing does. Pure. */
export function firstReason({ findings, steps, checks }: Evidence): string | null {
  return (
    findings.find(({ severity }) => severity === 'error')?.rule ??
    steps.find(({ error }) => error !== null)?.error?.code ??
    checks.find(({ status }) => status === 'failed' || status === 'not-run')?.id ??
    null
  );
}

const whatCameBack: Record<Evidence['verdict'], { backup: string; seeded: string }> = {
  verified: {
    backup: 'The backup was restored, and everything that was checked came back as it was.',
    seeded:
      'Data that was seeded for this rehearsal was dumped and restored, and everything that was checked came back as it was. No backup was rehearsed.',
  },
  'not-verified': {
    backup: 'The backup did not come back as it was. The findings say what is wrong.',
    seeded:
      'Data that was seeded for this rehearsal did not come back as it was. The findings say what is wrong. No backup was rehearsed.',
  },
  'could-not-run': {
    backup: 'The rehearsal could not be run to its end, so nothing is known of the backup. The steps say why.',
    seeded:
      'The rehearsal could not be run to its end, so nothing is known of what was seeded for it. The steps say why. No backup was rehearsed.',
  },
};

const whatCameOfNight: Record<Evidence['verdict'], string> = {
  verified: 'Every stage of the night that the profile asks for is done, and the restore was verified.',
  'not-verified': 'The restore of this night was rehearsed and not verified. Its own evidence says what is wrong.',
  'could-not-run': 'Something of this night could not be done. The steps say what, and why.',
};

const whatCameOfFleet: Record<Evidence['verdict'], string> = {
  verified: 'Every database of the plan was rehearsed and verified.',
  'not-verified': 'A database of the plan was rehearsed and not verified. Its own evidence says what is wrong.',
  'could-not-run':
    'A database of the plan was not rehearsed, or not to the end, so nothing is known of its backup. The checks name each.',
};

/** What came of the rehearsal, and of what. Pure. */
export function sentenceOf({ verdict, about, rehearsal }: Pick<Evidence, 'verdict' | 'about' | 'rehearsal'>): string {
  if (isNight({ rehearsal })) return whatCameOfNight[verdict];
  if (isFleet({ rehearsal })) return whatCameOfFleet[verdict];
  return whatCameBack[verdict][about?.data === 'seeded' ? 'seeded' : 'backup'];
}

/** What an auditor asks first: which data of which database, when, by whom, in how long, against which targets. Pure. */
export function factsOf(evidence: Evidence): [name: string, text: string][] {
  const { about, subject, trigger, id, objectives } = evidence;
  const facts: [string, string | null][] = [
    ['Backup', subject === null ? null : describeSubject(subject, about?.data ?? null)],
    ['Database', about === null ? null : describeDatabase(about)],
    ['Rehearsed', describeRun(evidence)],
    ['Started by', describeTrigger(trigger)],
    // What sums up others has none of its own: they are those of what was rehearsed.
    ['RTO', isSummary(evidence) ? null : describeObjective({ ...objectives.rto, notApplicable: null })],
    ['RPO', isSummary(evidence) ? null : describeObjective(objectives.rpo)],
    ['Evidence', id],
  ];
  return facts.flatMap(([name, text]) => (text === null ? [] : [[name, text]]));
}

/** `2.1s of at most 1h`, and whether that is met. Pure. */
export function describeObjective({ measuredMs, targetMs, met, notApplicable }: Evidence['objectives']['rpo']): string {
  if (notApplicable !== null) return `not applicable: ${notApplicable}`;
  const target = prettyMilliseconds(targetMs);
  if (measuredMs === null) return `not measured, target ${target}`;
  return `${prettyMilliseconds(measuredMs)} of at most ${target}${met === false ? ': missed' : ''}`;
}

/** Pure. */
export function describeSignature(signedBy: string | null): string {
  return signedBy === null ? 'not signed' : `signed by the key with the fingerprint ${signedBy}`;
}

type Subject = NonNullable<Evidence['subject']>;
type About = NonNullable<Evidence['about']>;

function describeSubject({ file, bytes, format, takenAt }: Subject, data: About['data']): string {
  const what = { seeded: ' of seeded data', live: ' of the live database', backup: '' }[data ?? 'backup'];
  return `${file}, ${formatBytes(bytes)}, ${format}, taken ${takenAt}${what}`;
}

function describeDatabase({ database, server, profile, label }: About): string {
  return [
    `${database}${server === null ? '' : `, read as ${server}`}`,
    `profile ${profile}`,
    ...(label === null ? [] : [label]),
  ].join(', ');
}

function describeRun({ startedAt, finishedAt, about }: Evidence): string {
  const took = prettyMilliseconds(Date.parse(finishedAt) - Date.parse(startedAt));
  return `${startedAt}, took ${took}${about === null ? '' : `, on ${about.host}`}`;
}

function describeTrigger({ by, ci, commit, dirty, commitReason }: Evidence['trigger']): string {
  const from = ci === null ? '' : ` (${ci})`;
  if (commit === null) return `${by}${from}${commitReason === null ? '' : `, at no known commit: ${commitReason}`}`;
  return `${by}${from}, at commit ${commit.slice(0, 12)}${dirty === true ? ' with changes' : ''}`;
}
