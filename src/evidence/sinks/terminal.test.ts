import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeEvidence, makeOutcome } from '../../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import type { Counts, Evidence } from '../schema.ts';
import { publishRun } from './table.ts';
import { colourVerdict, renderRun, renderSummary } from './terminal.ts';

/** The lines of a summary as a person reads them. */
function linesOf(evidence: Evidence): string[] {
  return stripVTControlCharacters(renderSummary(evidence, { path: 'reports/x/evidence.json' })).split('\n');
}

function equalCounts(length: number): Counts {
  return Object.fromEntries(Array.from({ length }, (_, n) => [`table_${n}`, { before: n, after: n }]));
}

test('a summary has counts, objectives, findings, verdict and where the evidence is', () => {
  const evidence = makeEvidence({
    verdict: 'not-verified',
    counts: { users: { before: 3, after: 3 }, bookings: { before: 1_234_567, after: null } },
    objectives: {
      rto: { targetMs: 3_600_000, measuredMs: 1500, met: true, phases: { restore: 1000, compare: 500 } },
      rpo: { targetMs: 1000, measuredMs: 2000, met: false, notApplicable: null },
    },
    findings: [
      { rule: 'TABLE_MISSING', severity: 'error', object: 'b', message: 'It is gone.', remedy: 'Look.', diff: null },
      { rule: 'VIEW_CHANGED', severity: 'error', object: 'v', message: 'It differs.', remedy: 'Look.', diff: '-1\n+2' },
    ],
  });
  expect(linesOf(evidence)).toEqual([
    '',
    '  clean-state of haircuttgbot  profile haircuttgbot, on ci-1',
    '',
    '  table      before    after',
    '  users           3        3',
    '  bookings  1234567        -  differs',
    '',
    '  RTO  1.5s of at most 1h  (restore 1s, compare 500ms)',
    '  RPO  2s of at most 1s: missed',
    '',
    '  TABLE_MISSING  It is gone.',
    '    Look.',
    '  VIEW_CHANGED  It differs.',
    '      -1',
    '      +2',
    '    Look.',
    '',
    '  more on a finding: npm run explain -- TABLE_MISSING',
    '',
    '  verdict   not-verified',
    '  evidence  reports/x/evidence.json',
    '  signature none',
    '',
  ]);
});

test('a summary says by which key the evidence is signed', () => {
  const summary = renderSummary(makeEvidence(), { path: 'x', signedBy: '0123456789abcdef'.repeat(4) });
  expect(stripVTControlCharacters(summary)).toContain('\n  evidence  x\n  signature 0123456789abcdef\n');
});

test('what was not measured is said so, and an empty table of counts is left out', () => {
  expect(linesOf(makeEvidence({ verdict: 'could-not-run' }))).toEqual([
    '',
    '  clean-state of haircuttgbot  profile haircuttgbot, on ci-1',
    '',
    '  RTO  not measured, target 1h',
    '  RPO  not measured, target 1d',
    '',
    '  verdict   could-not-run',
    '  evidence  reports/x/evidence.json',
    '  signature none',
    '',
  ]);
});

describe('of many tables', () => {
  test('twelve are shown, and how many more are equal', () => {
    const lines = linesOf(makeEvidence({ counts: equalCounts(15) }));
    expect(lines.filter((line) => /^ {2}table_/.test(line))).toHaveLength(12);
    expect(lines).toContain('  and 3 more, equal');
  });

  test('exactly twelve are all shown', () => {
    const lines = linesOf(makeEvidence({ counts: equalCounts(12) }));
    expect(lines.filter((line) => /^ {2}table_/.test(line))).toHaveLength(12);
    expect(lines.join('\n')).not.toContain('more');
  });

  test('every one that differs or was not compared is shown, wherever it stands', () => {
    const counts = {
      ...equalCounts(30),
      table_3: { before: 1, after: 2 },
      table_20: { before: 5, after: null },
      table_24: { before: null, after: 0 },
      table_25: { before: null, after: 0 },
      table_29: { before: null, after: null },
    };
    const finding = {
      rule: 'TABLE_UNEXPECTED',
      object: 'table_25',
      message: 'It is new.',
      remedy: 'Look.',
      diff: null,
    };
    const tolerated = { ...finding, severity: 'warning' as const, object: 'table_24' };
    const findings = [{ ...finding, severity: 'error' as const }, tolerated];
    const lines = linesOf(makeEvidence({ counts, findings }));
    expect(lines.filter((line) => line.endsWith('differs')).map((line) => line.trim().split(/ +/))).toEqual([
      ['table_3', '1', '2', 'differs'],
      ['table_20', '5', '-', 'differs'],
      ['table_25', '-', '0', 'differs'],
    ]);
    expect(lines.filter((line) => /not counted$|nothing to compare with$/.test(line))).toHaveLength(2);
    expect(lines).toContain('  and 14 more, equal');
  });
});

test.for([
  ['\u001b[32mverified\u001b[0m', '\uFFFD[32mverified\uFFFD[0m', 'an escape sequence'],
  ['\u009b2J\u0007', '\uFFFD2J\uFFFD', 'C1 controls and bells'],
  ['a\n  verdict   verified', 'a verdict verified', 'a line of its own'],
  ['a\r  verdict   verified', 'a verdict verified', 'a carriage return'],
] as const)('the name %j brings no %s', ([name, shown]) => {
  const counts = { [name]: { before: 1, after: 1 } };
  const finding = { rule: 'X_Y', severity: 'error', object: name, message: name, remedy: name, diff: name } as const;
  const summary = renderSummary(makeEvidence({ verdict: 'not-verified', counts, findings: [finding] }), { path: 'x' });
  // Colours of our own may stay.
  expect(summary.replace(/\u001b\[\d+m/g, '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  if (!name.startsWith('\u001b')) expect(stripVTControlCharacters(summary)).toContain(`  ${shown}`);
  expect(summary.split('\n').filter((line) => /^ {2}verdict/.test(line))).toHaveLength(1);
});

test('a run of several says how to reach what was kept, and the verdict of all', async () => {
  const printed: string[] = [];
  const evidence = makeEvidence();
  const outcomes = [
    { ...makeOutcome(evidence, 'x'), kept: 'psql …' },
    makeOutcome(makeEvidence({ verdict: 'not-verified' }), 'y'),
  ];
  await publishRun({
    reports: await makeWorkspace(),
    outcomes,
    screen: { print: (text) => printed.push(text), columns: null },
  });
  const lines = stripVTControlCharacters(printed.join('\n')).split('\n');
  expect(lines.filter((line) => /kept|psql|verdict|of 2/.test(line))).toEqual([
    '  verdict   verified',
    '  The server was kept.',
    '  psql …',
    '  verdict   not-verified',
    '  1 of 2 not-verified: clean-state',
  ]);
  expect(lines.filter((line) => /evidence .*x\/evidence\.md$/.test(line))).toHaveLength(1);
});

test('verdicts differ in colour where there are colours', () => {
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  vi.stubEnv('FORCE_COLOR', '1');
  expect((['verified', 'not-verified', 'could-not-run'] as const).map(colourVerdict)).toEqual([
    '\u001b[32m\u001b[1mverified\u001b[22m\u001b[39m',
    '\u001b[31m\u001b[1mnot-verified\u001b[22m\u001b[39m',
    '\u001b[33m\u001b[1mcould-not-run\u001b[22m\u001b[39m',
  ]);
  vi.stubEnv('FORCE_COLOR', '0');
  expect(colourVerdict('verified')).toBe('verified');
});

test('what was seeded for the rehearsal is called so, and no RPO is met by it', () => {
  const { objectives, about } = makeEvidence();
  const evidence = makeEvidence({
    about: about && { ...about, data: 'seeded', label: 'staging' },
    objectives: {
      rto: { targetMs: 3_600_000, measuredMs: 1500, met: true, phases: {} },
      rpo: { ...objectives.rpo, notApplicable: 'the data was seeded for this rehearsal' },
    },
  });
  const lines = linesOf(evidence);
  expect(lines).toContain('  clean-state of haircuttgbot (staging)  profile haircuttgbot, on ci-1');
  expect(lines).toContain('  RPO  not applicable: the data was seeded for this rehearsal');
  expect(lines).toContain('  verdict   verified  of seeded data: no backup was rehearsed');
});

test('of several rehearsals, the last line names those that failed, and why', () => {
  const finding = { rule: 'NO_BACKUP', severity: 'error', object: '', message: '', remedy: '', diff: null } as const;
  const step = { name: 's', status: 'failed', durationMs: 1, facts: {} } as const;
  const lost = { ...step, error: { code: 'SERVER_LOST', message: '' } };
  const all = [
    makeEvidence(),
    makeEvidence({ rehearsal: 'latest-backup', verdict: 'not-verified', findings: [finding] }),
    makeEvidence({ rehearsal: 'faults', verdict: 'could-not-run', steps: [lost] }),
    makeEvidence({ rehearsal: 'live-writes', verdict: 'could-not-run', steps: [], checks: [] }),
  ];
  expect(stripVTControlCharacters(renderRun(all)).split('\n')).toEqual([
    '  1 of 4 not-verified: latest-backup (NO_BACKUP)',
    '  2 of 4 could-not-run: faults (SERVER_LOST), live-writes',
  ]);
  expect(stripVTControlCharacters(renderRun([makeEvidence(), makeEvidence()]))).toBe('  2 of 2 verified');
});

describe('on a narrow terminal', () => {
  const message =
    'The table public.bookings of the restored database holds fewer rows than the one of the source held. '.repeat(3);
  const evidence = makeEvidence({
    verdict: 'not-verified',
    objectives: {
      rto: {
        targetMs: 3_600_000,
        measuredMs: 1500,
        met: true,
        phases: { probe: 200, recreate: 300, restore: 400, compare: 250, application: 350 },
      },
      rpo: { targetMs: 1000, measuredMs: 2000, met: false, notApplicable: null },
    },
    findings: [{ rule: 'TABLE_ROWS', severity: 'error', object: 'b', message, remedy: message, diff: null }],
  });

  test.for([60, 80, 120])('of %s columns no line is longer, and no word is cut', (columns) => {
    const summary = stripVTControlCharacters(renderSummary(evidence, { path: 'reports/x/evidence.md' }, columns));
    for (const line of summary.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');
    expect(words(summary)).toEqual(
      words(stripVTControlCharacters(renderSummary(evidence, { path: 'reports/x/evidence.md' }))),
    );
    expect(summary).toMatch(/^ {2}TABLE_ROWS .*\n {6}\S.*\n/m);
  });
});
