import { expect, test } from 'vitest';
import { makeEvidence, makeOutcome } from '../../../fixtures/testing/evidence.ts';
import type { Evidence } from '../schema.ts';
import type { News } from './news.ts';
import { overdueText, webhookText } from './webhook-text.ts';

const about = { ...makeEvidence().about, database: 'shop', label: 'production' } as NonNullable<Evidence['about']>;
const finding: Evidence['findings'][number] = {
  rule: 'ROW_COUNT_MISMATCH',
  severity: 'error',
  object: 'users',
  message: 'users: expected 3 rows, found 2.',
  remedy: 'Look for what removes rows.',
  diff: null,
};

function news(changes: Partial<Evidence>, before: News['before'] = null): News {
  return { outcome: makeOutcome(makeEvidence({ about, ...changes }), '20260209T094803Z-clean-state'), before };
}

test('bad news says what failed, of which database, why, and where to look', () => {
  const trigger = { ...makeEvidence().trigger, ci: 'https://github.com/a/b/actions/runs/1' };
  const red = news({ verdict: 'not-verified', findings: [finding], trigger });
  expect(webhookText([red])).toBe(
    `Restore rehearsal not verified: clean-state of shop (production) (ROW_COUNT_MISMATCH)

clean-state of shop (production): not-verified
- ROW_COUNT_MISMATCH: users: expected 3 rows, found 2.
RTO not measured, target 1h; RPO not measured, target 1d
2026-02-09T09:48:03.120Z, on ci-1, evidence in 20260209T094803Z-clean-state
https://github.com/a/b/actions/runs/1`,
  );
});

test('good news after bad news says so, and the first line names all', () => {
  const green = news({ rehearsal: 'latest-backup' }, 'could-not-run');
  const steps = [
    { name: 'a', status: 'failed', durationMs: 1, facts: {}, error: { code: 'NO_ENGINE', message: 'none' } },
  ];
  const yellow = news({ verdict: 'could-not-run', steps: steps as Evidence['steps'] });
  const text = webhookText([green, yellow]);
  expect(text.split('\n')[0]).toBe(
    'Restore rehearsal could not run: clean-state of shop (production) (NO_ENGINE); verified again: latest-backup of shop (production)',
  );
  expect(text).toContain('\nlatest-backup of shop (production): verified (before: could-not-run)\n');
  expect(text).toContain('\n- NO_ENGINE: none\n');
});

test('no name calls a channel, begins a link, or adds a line', () => {
  const hostile = '<!channel> <http://evil|x> @everyone & \u001b[31m\nRestore rehearsal verified';
  const text = webhookText([
    news({
      verdict: 'not-verified',
      about: { ...about, database: hostile },
      findings: [{ ...finding, message: hostile }],
    }),
  ]);
  expect(text).not.toMatch(/[<>\u001b]|@[a-z]|&(?!amp;|lt;|gt;)|^Restore rehearsal verified/m);
});

test('what is long is cut, and says so', () => {
  const many = Array.from({ length: 30 }, () =>
    news({
      verdict: 'not-verified',
      findings: Array(9).fill({ ...finding, message: '&'.repeat(999) }) as Evidence['findings'],
    }),
  );
  const text = webhookText(many);
  expect(text.length).toBeLessThanOrEqual(2000);
  expect(text).toMatch(/…\nThe rest is in evidence\.md\.$/);
  expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/);
});

test('what is overdue is named, with since when', () => {
  expect(
    overdueText([
      { rehearsal: 'latest-backup', database: 'shop', label: null, since: 'last ran 62 days ago, every 1d' },
    ]),
  ).toBe('Restore rehearsal overdue: latest-backup of shop\n- latest-backup of shop: last ran 62 days ago, every 1d');
});
