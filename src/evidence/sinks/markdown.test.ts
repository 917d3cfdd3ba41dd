import { describe, expect, test } from 'vitest';
import { makeEvidence } from '../../../fixtures/testing/evidence.ts';
import { renderMarkdown } from './markdown.ts';
import type { Evidence } from '../schema.ts';

/** Names that would break out of a line or a cell, or bring markup, if they were taken as they are. */
const hostile = [
  'a\n--- source\n+++ restored\n# heading',
  'a | b',
  'a\n\n# heading',
  'a\r- item',
  'a\u2028b',
  '<script>alert(1)</script>',
  '<!-- hidden',
  '`code`',
  '```\nfence',
  '**passed**',
  '__bold__',
  '~~gone~~',
  '[link](http://x)',
  '![image](http://x)',
  '&lt;b&gt; &#124;',
  '\\| \\',
  '---',
  '\u001b[31mred\u001b[0m',
  '\u009b2J',
  '\u202egnp.exe',
];

/** The text that a reader of rendered Markdown sees: an escaped character for itself. Markup that is not escaped throws. */
function readPlain(text: string): string {
  let plain = '';
  for (const [token, escaped] of text.matchAll(/\\([!-/:-@[-`{-~])|[^]/g)) {
    if (escaped === undefined && /[\\`*_[\]<>|~&#]/.test(token)) throw new Error(`unescaped ${token} in: ${text}`);
    plain += escaped ?? token;
  }
  return plain;
}

function shown(name: string): string {
  return name
    .replace(/\s+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u202e]/g, '\uFFFD')
    .trim();
}

/** The cells of the one row of a table. */
function cellsOf(markdown: string, section: string): string[] {
  const lines = sectionOf(markdown, section).split('\n');
  expect(lines).toHaveLength(3);
  const row = lines[2] ?? '';
  expect(row).toMatch(/^\| .* \|$/);
  return row
    .slice(2, -2)
    .split(/(?<!(?<!\\)(?:\\\\)*\\)\|/)
    .map((cell) => cell.trim());
}

function sectionOf(markdown: string, title: string): string {
  const body = markdown.split(`\n## ${title}\n\n`)[1];
  if (body === undefined) throw new Error(`There is no section ${title} in:\n${markdown}`);
  return body.split('\n\n## ')[0]?.trimEnd() ?? '';
}

describe.for(hostile)('the name %j', (name) => {
  test('of a table stays in its cell', () => {
    const markdown = renderMarkdown(makeEvidence({ counts: { [name]: { before: 3, after: 3 } } }));
    const [table = '', ...rest] = cellsOf(markdown, 'Row counts');
    expect(readPlain(table)).toBe(shown(name));
    expect(rest).toEqual(['3', '3', 'equal']);
  });

  test('in a check or a step stays in its cell', () => {
    const markdown = renderMarkdown(
      makeEvidence({
        checks: [{ id: name, status: 'passed', reason: name, expected: name, actual: name }],
        steps: [{ name, status: 'passed', durationMs: 1, facts: { [name]: name }, error: null }],
      }),
    );
    const [id = '', checked, expected = '', actual = ''] = cellsOf(markdown, 'Checks');
    expect(checked).toBe('passed');
    expect([id, expected, actual].map(readPlain)).toEqual([shown(name), shown(name), shown(`${name}; ${name}`)]);
    const [step = '', passed, took, facts = ''] = cellsOf(markdown, 'Steps');
    expect([passed, took]).toEqual(['passed', '1ms']);
    expect([step, facts].map(readPlain)).toEqual([shown(name), shown(`${name}: ${name}`)]);
  });

  test('in a finding, a file or coverage stays on its line', () => {
    const coverage = { checked: [name], notChecked: [{ what: name, why: name }] };
    const markdown = renderMarkdown(
      makeEvidence({
        findings: [{ rule: 'X_Y', severity: 'error', object: name, message: name, remedy: name, diff: null }],
        coverage,
        subject: {
          file: name,
          sha256: 'a'.repeat(64),
          bytes: 7,
          takenAt: '2026-02-09T09:48:04.000Z',
          format: 'custom',
          dumpVersion: '16.4',
        },
      }),
    );
    const [first = '', second = '', ...further] = sectionOf(markdown, 'Findings').split('\n');
    expect(further).toEqual([]);
    expect(readPlain(first.replace('**X_Y**', 'X'))).toBe(`- X (error, ${pad(name)}): ${pad(name)}`.trimEnd());
    expect(readPlain(second)).toBe(`  What to do: ${pad(name)}`.trimEnd());
    expect(sectionOf(markdown, 'Coverage').split('\n').map(readPlain)).toEqual([
      `- Checked: ${pad(name)}`,
      `- Not checked: ${pad(name)} (${pad(name)})`,
    ]);
    expect(readPlain(cellsOf(markdown, 'Backup')[0] ?? '')).toBe(shown(name));
  });

  test('in a diff stays in its block of code', () => {
    const diff = `--- source\n+++ restored\n-${name}\n+x`;
    const finding = { rule: 'X_Y', severity: 'error', object: 't', message: 'm', remedy: 'r', diff } as const;
    const lines = sectionOf(renderMarkdown(makeEvidence({ findings: [finding] })), 'Findings').split('\n');
    expect([lines[0], lines.at(-1)]).toEqual(['- **X_Y** (error, t): m', '  What to do: r']);
    const code = lines.slice(1, -1).filter((line) => line !== '');
    expect(code.length).toBeGreaterThanOrEqual(4);
    for (const line of code) expect(line).toMatch(/^ {6}[^\u0000-\u001f\u007f-\u009f]*$/);
  });

  test('in an error stays in its quotation', () => {
    const error = { code: 'SERVER_LOST', message: `before\n${name}\nafter` };
    const steps: Evidence['steps'] = [{ name, status: 'failed', durationMs: 1, facts: {}, error }];
    const markdown = renderMarkdown(makeEvidence({ steps, verdict: 'could-not-run' }));
    const quotation = markdown.split('\n').filter((line) => line.startsWith('> '));
    expect(quotation[0]).toMatch(/^> \*\*.*\*\* failed \(SERVER_LOST\):$/);
    expect(quotation.slice(1).map((line) => readPlain(line.slice(2)))).toEqual([
      'before',
      ...name.split('\n').map((line) => pad(line)),
      'after',
    ]);
    const around = markdown.split('\n\n').find((block) => block.startsWith('> ')) ?? '';
    expect(around.split('\n')).toEqual(quotation);
  });
});

/** Like `shown`, with the blanks at the ends. */
function pad(name: string): string {
  return shown(`x${name}x`).slice(1, -1);
}

test.for(['- item', '+ item', '===', '---', ' - item'])(
  'the line %j of an error begins no block of its own',
  (line) => {
    const error = { code: 'INTERNAL', message: `before\n${line}` };
    const steps: Evidence['steps'] = [{ name: 'Dump', status: 'failed', durationMs: 1, facts: {}, error }];
    expect(renderMarkdown(makeEvidence({ steps }))).toContain(`\n> before\n> ${line.replace(/[-+=]/, '\\$&')}\n`);
  },
);

test('the document of a rehearsal that passed says what was done, and on what', () => {
  const evidence = makeEvidence({
    counts: { users: { before: 3, after: 3 } },
    environment: {
      ...makeEvidence().environment,
      engine: 'docker',
      engineReason: 'Docker answers',
      image: 'postgres:16-alpine',
      serverVersion: '16.4',
      tools: { pg_dump: '16.4' },
      settings: { fsync: 'off' },
      settingsFrom: 'throwaway',
      unlikeProduction: [],
      isolation: { server: 'no network', application: 'an environment of its own' },
    },
  });
  expect(renderMarkdown(evidence)).toBe(`# Restore rehearsal clean-state of haircuttgbot: verified

The backup was restored, and everything that was checked came back as it was.

|  |  |
| --- | --- |
| Database | haircuttgbot, profile haircuttgbot |
| Rehearsed | 2026-02-09T09:48:03.120Z, took 2.5s, on ci-1 |
| Started by | anna, at commit 0123456789ab with changes |
| RTO | not measured, target 1h |
| RPO | not measured, target 1d |
| Evidence | 5b3ff3b8-9a2e-4b8e-8a52-2f4d7a3f2c11 |
| Signature | not signed |

## Row counts

| Table | Before | After |  |
| --- | --- | --- | --- |
| users | 3 | 3 | equal |

## Checks

| Check | Status | Expected | Actual |
| --- | --- | --- | --- |
| row-counts | passed | 3 rows | 3 rows |

## Steps

| Step | Status | Took | Facts |
| --- | --- | --- | --- |
| Compare | passed | 12ms |  |

## Environment

- Engine: docker (Docker answers)
- Image: postgres:16-alpine, digest unknown
- Server: PostgreSQL 16.4; tools: pg\\_dump 16.4
- Settings that a production server would not have, so times differ there: fsync=off
- Isolation of the server: no network
- Isolation of the application: an environment of its own
- Harness 0.1.0, Node.js 20.20.2, Linux x64
`);
});

const unexpected = {
  rule: 'TABLE_UNEXPECTED',
  severity: 'error',
  object: 't',
  message: '',
  remedy: '',
  diff: null,
} as const;

test('the document says by which key the evidence is signed', () => {
  expect(renderMarkdown(makeEvidence(), 'ab'.repeat(32))).toContain(
    `\n| Signature | signed by the key with the fingerprint ${'ab'.repeat(32)} |\n`,
  );
});

test.for([
  ['a difference', { before: 3, after: 2 }, '| t | 3 | 2 | **differs** |'],
  ['a table that is gone', { before: 3, after: null }, '| t | 3 |  | **differs** |'],
  ['a table that was not there', { before: null, after: 2 }, '| t |  | 2 | **differs** |', [unexpected]],
  [
    'a table whose rows the dump does not say',
    { before: null, after: 2 },
    '| t |  | 2 | **nothing to compare with** |',
  ],
  [
    'a difference that a warning explains',
    { before: 3, after: 2, note: 'explained by MATERIALIZED_VIEW_STALE' },
    '| t | 3 | 2 | differs, explained by MATERIALIZED\\_VIEW\\_STALE |',
  ],
  [
    'a difference that an error speaks of, too',
    { before: 3, after: 2, note: 'explained by MATERIALIZED_VIEW_STALE' },
    '| t | 3 | 2 | **differs** |',
    [unexpected],
  ],
  [
    'a table that is counted elsewhere',
    { before: null, after: 2, note: 'counted in h' },
    '| t |  | 2 | counted in h |',
  ],
  ['a table that was not counted', { before: null, after: null }, '| t |  |  | **not counted** |'],
  ['an empty table', { before: 0, after: 0 }, '| t | 0 | 0 | equal |'],
] as const)('%s is shown among the row counts', ([, counts, row, findings = []]) => {
  const evidence = makeEvidence({ counts: { t: counts }, findings: [...findings] });
  expect(renderMarkdown(evidence)).toContain(`\n${row}\n`);
});

test('whatever did not pass stands out', () => {
  const { objectives, steps, checks } = makeEvidence();
  const markdown = renderMarkdown(
    makeEvidence({
      verdict: 'not-verified',
      objectives: { ...objectives, rpo: { targetMs: 1000, measuredMs: 2000, met: false, notApplicable: null } },
      steps: (['failed', 'skipped', 'not-run'] as const).flatMap((status) =>
        steps.map((step) => ({ ...step, status })),
      ),
      checks: (['failed', 'not-run'] as const).flatMap((status) => checks.map((check) => ({ ...check, status }))),
    }),
  );
  expect(markdown).toContain(
    '# Restore rehearsal clean-state of haircuttgbot: not-verified\n\n**The backup did not come back as it was.**',
  );
  expect(markdown).toContain('| RPO | **2s of at most 1s: missed** |');
  for (const status of ['failed', 'skipped', 'not-run']) expect(markdown).toContain(`| Compare | **${status}** |`);
  for (const status of ['failed', 'not-run']) expect(markdown).toContain(`| row-counts | **${status}** |`);
});

test('what was not reached stands together, with its reason said once', () => {
  const [check] = makeEvidence().checks;
  const [step] = makeEvidence().steps;
  const reason = 'the step "Compare" was not reached';
  const notRun = ['content', 'state'].map((id) => ({
    ...check,
    id,
    status: 'not-run',
    reason,
    expected: null,
    actual: null,
  }));
  const skipped = ['Restore', 'Compare'].map((name) => ({ ...step, name, status: 'skipped', durationMs: null }));
  const markdown = renderMarkdown(
    makeEvidence({ checks: [check, ...notRun] as Evidence['checks'], steps: [step, ...skipped] as Evidence['steps'] }),
  );
  expect(markdown).toContain('\n| content, state | **not-run** |  | the step "Compare" was not reached |\n');
  expect(markdown).toContain('\n| Restore, Compare | **skipped** |  |  |\n');
  expect(markdown).toContain('\n| row-counts | passed |');
});
