import { expect, test } from 'vitest';
import { makeEvidence } from '../../../fixtures/testing/evidence.ts';
import { errorCodes } from './error-codes.ts';
import { addressOfRule, explainRule, plain } from './explain.ts';
import { rules } from './rules.ts';
import { renderRunPage } from '../page/run/run-page.tsx';

const homepage = 'https://git.example/ops/restore-rehearsal#readme';

test('a rule leads to its heading, one of a kind of object to theirs, and neither where nobody says where docs are', () => {
  const docs = 'https://git.example/ops/restore-rehearsal/blob/HEAD/docs/findings.md';
  expect(addressOfRule('ROW_COUNT_MISMATCH', homepage)).toBe(`${docs}#row_count_mismatch`);
  expect(addressOfRule('INDEX_MISSING', homepage)).toBe(`${docs}#definitions-and-state`);
  expect(addressOfRule('ROW_COUNT_MISMATCH', null)).toBeNull();
});

test('names of what every object has are no rules', () => {
  expect(explainRule('constructor')).toBeNull();
  expect(explainRule('toString')).toBeNull();
});

test('no text has a mark of Markdown left at the terminal', () => {
  const all = [...Object.values(rules).flatMap((texts) => Object.values(texts)), ...Object.values(errorCodes)].flat();
  for (const text of all) expect(plain(text)).not.toMatch(/`|\]\(|\*\*/);
});

test('the page of a run says of each finding what it means, for it is read where there are no docs', () => {
  const finding = {
    object: 'bookings',
    message: '3 rows, not 4',
    remedy: 'See.',
    diff: null,
    severity: 'error' as const,
  };
  const page = renderRunPage(makeEvidence({ findings: [{ rule: 'ROW_COUNT_MISMATCH', ...finding }] }), null);
  expect(page).toContain(explainRule('ROW_COUNT_MISMATCH')?.meaning);
  expect(page).toMatch(/npm run explain -- ROW_COUNT_MISMATCH|docs\/findings\.md#row_count_mismatch/);
});
