import { describeUnlike, settingsTitles } from '../settings-from.ts';
import prettyMilliseconds from 'pretty-ms';
import { notACertificate } from '../controls.ts';
import { countState } from '../count-state.ts';
import { describeSignature, factsOf, repeatsFindings, sentenceOf, titleOf } from '../describe.ts';
import { addressOfRule } from '../rules/explain.ts';
import type { Check, Evidence } from '../schema.ts';
import { codeBlock, escape, quote, section, strong, table, type Cell } from './markdown-text.ts';
import type { FileSink } from './sink.ts';

/** The evidence as a document for a person. */
export const markdown: FileSink = { file: 'evidence.md', render: renderMarkdown };

/** Pure. */
export function renderMarkdown(evidence: Evidence, signedBy: string | null = null): string {
  const sections = [
    heading(evidence, signedBy),
    section('Findings', findings(evidence.findings)),
    section('Row counts', counts(evidence)),
    section('Rows, byte by byte', rowHashes(evidence)),
    section('Phases of the RTO', phases(evidence.objectives)),
    section('Checks', checks(evidence.checks)),
    section('Self-challenge', selfChallenge(evidence.selfChallenge)),
    section('Steps', steps(evidence.steps)),
    section('Backup', backup(evidence.subject)),
    section('Environment', environment(evidence)),
    section('Controls', controls(evidence.controls)),
    section('Coverage', coverage(evidence.coverage)),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function heading(evidence: Evidence, signedBy: string | null): string {
  const { verdict, steps: all } = evidence;
  const failed = all.find(({ error }) => error !== null && !repeatsFindings(error, evidence.findings));
  const failure =
    failed === undefined
      ? ''
      : `\n\n> **${escape(failed.name)}** failed (${failed.error?.code ?? ''}):\n${quote(failed.error?.message ?? '')}`;
  const [what = '', ...further] = sentenceOf(evidence).split(/(?<=\.) /);
  const sentence = [verdict === 'verified' ? what : `**${what}**`, ...further].join(' ');
  const facts = table(['', ''], [...factRows(evidence), ['Signature', describeSignature(signedBy)]]);
  return `# Restore rehearsal ${escape(titleOf(evidence))}: ${verdict}\n\n${sentence}${failure}\n\n${facts}`;
}

/** An objective that is missed stands out. Pure. */
export function factRows(evidence: Evidence): [string, Cell][] {
  const { rto, rpo } = evidence.objectives;
  const missed = [...(rto.met === false ? ['RTO'] : []), ...(rpo.met === false ? ['RPO'] : [])];
  return factsOf(evidence).map(([name, text]) => [name, missed.includes(name) ? strong(text) : text]);
}

/** With the way to what it means, where there is one. */
function nameOf(rule: string): string {
  const address = addressOfRule(rule);
  return address === null ? `**${rule}**` : `[**${rule}**](${address})`;
}

function findings(all: Evidence['findings']): string {
  return all
    .map(({ rule, severity, object, message, remedy, diff }) => {
      const block = diff === null ? '' : `\n\n${codeBlock(diff)}\n`;
      return `- ${nameOf(rule)} (${severity}, ${escape(object)}): ${escape(message)}${block}\n  What to do: ${escape(remedy)}`;
    })
    .join('\n');
}

function counts({ counts: all, findings }: Evidence): string {
  const rows = Object.entries(all).map(([name, count]) => {
    const { text, weight } = countState(name, count, findings);
    return [name, count.before, count.after, weight === 'equal' || weight === 'explained' ? text : strong(text)];
  });
  return table(['Table', 'Before', 'After', ''], rows);
}

const shownHashes = 20;

function rowHashes({ rowHashes: hashes }: Evidence): string {
  if (hashes === null) return '';
  const { environment: variables, tables } = hashes;
  const rows = tables
    .slice(0, shownHashes)
    .map(({ table: name, rows: count, outcome, reason, sha256 }) => [
      name,
      count,
      sha256 ?? '',
      outcome === 'equal' ? outcome : strong(outcome),
      reason,
    ]);
  const more = tables.length > shownHashes ? `\n\n${tables.length - shownHashes} more are in evidence.json.` : '';
  const example = tables.find(({ ofDump, ofDatabase }) => ofDump !== null && ofDatabase !== null);
  const commands = [
    example?.ofDump ?? '',
    `export ${Object.entries(variables)
      .map(([variable, value]) => `${variable}='${value}'`)
      .join(' ')}`,
    example?.ofDatabase ?? '',
  ];
  const repeat = `\n\nTo have the hash of ${escape(example?.table ?? '')} again, from the dump and from a database that it is restored into (evidence.json has the commands for every table):\n\n${codeBlock(commands.join('\n'))}`;
  return `${table(['Table', 'Rows', 'SHA-256', 'Restored', ''], rows)}${more}${example === undefined ? '' : repeat}`;
}

/** The targets and what was measured stand at the top. */
function phases({ rto }: Evidence['objectives']): string {
  return table(
    ['Phase', 'Took'],
    Object.entries(rto.phases).map(([name, ms]) => [name, duration(ms)]),
  );
}

/** Puts neighbours together that say the same, such as all that was not reached. What has no key stands alone. */
function joinAlike<T>(all: T[], keyOf: (one: T) => string | null): { all: T[]; first: T }[] {
  const groups: { all: T[]; first: T; key: string | null }[] = [];
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.at(-1);
    if (group !== undefined && key !== null && group.key === key) group.all.push(one);
    else groups.push({ all: [one], first: one, key });
  }
  return groups;
}

function checks(all: Check[]): string {
  const rows = joinAlike(all, ({ status, expected, actual, reason }) =>
    status === 'not-run' ? JSON.stringify([expected, actual, reason]) : null,
  )
    .map((alike) => ({ ...alike.first, id: alike.all.map(({ id }) => id).join(', ') }))
    .map(({ id, status, expected, actual, reason }) => [
      id,
      status === 'passed' || status === 'not-applicable' ? status : strong(status),
      expected,
      [actual, reason].filter((text) => text !== null).join('; '),
    ]);
  return table(['Check', 'Status', 'Expected', 'Actual'], rows);
}

function selfChallenge(challenge: Evidence['selfChallenge']): string {
  if (challenge === null) return '';
  const { tried, caught, missed, notTried, faults } = challenge;
  const rows = faults.map(({ name, failsAt, finding, verdict, outcome, actual, reason }) => [
    name,
    `${finding} at ${failsAt}, ${verdict}`,
    outcome === 'caught' ? outcome : strong(outcome),
    outcome === 'caught' ? null : (reason ?? actual),
  ]);
  return `Copies of the backup were damaged on purpose, and rehearsed. Tried ${tried}, caught ${caught}, missed ${missed}, not possible here ${notTried}.

${table(['Fault', 'Has to be found as', 'Outcome', ''], rows)}`;
}

function steps(all: Evidence['steps']): string {
  const rows = joinAlike(all, ({ status, facts }) => (status === 'skipped' ? JSON.stringify(facts) : null))
    .map((alike) => ({ ...alike.first, name: alike.all.map(({ name }) => name).join(', ') }))
    .map(({ name, status, durationMs, facts }) => [
      name,
      status === 'passed' ? status : strong(status),
      duration(durationMs),
      Object.entries(facts)
        .map(([fact, value]) => `${fact}: ${String(value)}`)
        .join('; '),
    ]);
  return table(['Step', 'Status', 'Took', 'Facts'], rows);
}

function backup(subject: Evidence['subject']): string {
  if (subject === null) return '';
  const { file, sha256, bytes, takenAt, format, dumpVersion } = subject;
  return table(
    ['File', 'Bytes', 'Taken', 'Format', 'pg_dump', 'SHA-256'],
    [[file, bytes, takenAt, format, dumpVersion, sha256]],
  );
}

function environment({ environment: all }: Evidence): string {
  const settings = Object.entries(all.settings).map(([name, value]) => `${name}=${value}`);
  const tools = Object.entries(all.tools).map(([name, version]) => `${name} ${version}`);
  return [
    `- Engine: ${escape(all.engine ?? 'none')}${all.engineReason === null ? '' : ` (${escape(all.engineReason)})`}`,
    all.image === null ? '' : `- Image: ${escape(all.image)}, ${escape(all.imageDigest ?? 'digest unknown')}`,
    `- Server: PostgreSQL ${escape(all.serverVersion ?? 'unknown')}; tools: ${escape(tools.join(', ') || 'unknown')}`,
    settings.length === 0 ? '' : `- ${settingsTitles[all.settingsFrom]}: ${escape(settings.join(', '))}`,
    all.unlikeProduction.length === 0 ? '' : `- Unlike production: ${escape(describeUnlike(all.unlikeProduction))}`,
    all.isolation.server === null ? '' : `- Isolation of the server: ${escape(all.isolation.server)}`,
    all.isolation.application === null ? '' : `- Isolation of the application: ${escape(all.isolation.application)}`,
    `- Harness ${escape(all.harness)}, Node.js ${escape(all.node)}, ${escape(all.os)}`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function controls(all: Evidence['controls']): string {
  if (all.length === 0) return '';
  const rows = all.map(({ framework, clause, title, status, checks: own, reason }) => [
    framework,
    clause,
    title,
    status === 'supported' ? 'supports' : strong('does not support'),
    reason ?? own.join(', '),
  ]);
  return `${notACertificate}\n\n${table(['Framework', 'Clause', 'Asks that', 'This evidence', 'By these checks, or why not'], rows)}`;
}

function coverage({ checked, notChecked }: Evidence['coverage']): string {
  return [
    ...checked.map((what) => `- Checked: ${escape(what)}`),
    ...notChecked.map(({ what, why }) => `- Not checked: ${escape(what)} (${escape(why)})`),
  ].join('\n');
}

function duration(ms: number | null): string {
  return ms === null ? '' : prettyMilliseconds(ms);
}
