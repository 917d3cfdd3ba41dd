import { expect, test } from 'vitest';
import type { Finding } from '../evidence/schema.ts';
import { weighTolerated } from './tolerance.ts';

const finding: Finding = {
  ...{ rule: 'RESTORE_ERROR', severity: 'error', object: 'notes' },
  ...{ message: 'there is no extension "x"', remedy: 'Install it.' },
};
const tolerated = [{ message: 'extension "x"', reason: 'it is unused', until: '2026-02-09' }];

test.each([
  ['2026-02-08T12:00:00.000Z', 'warning'],
  ['2026-02-09T00:00:00.000Z', 'warning'],
  ['2026-02-09T23:59:59.999Z', 'warning'],
  ['2026-02-10T00:00:00.000Z', 'error'],
  ['2027-01-01T00:00:00.000Z', 'error'],
])('what is tolerated until 2026-02-09 is at %s: %s', (now, severity) => {
  expect(weighTolerated(finding, tolerated, new Date(now)).severity).toBe(severity);
});

test('a warning gives the reason; an error that was tolerated says until when, and what to do', () => {
  const warning = weighTolerated(finding, tolerated, new Date('2026-02-01'));
  expect(warning.message).toBe('there is no extension "x" (tolerated: it is unused)');
  const error = weighTolerated(finding, tolerated, new Date('2026-03-01'));
  expect(error.message).toBe('there is no extension "x" (tolerated until 2026-02-09: it is unused)');
  expect(error.remedy).toBe('Install it. Or renew "until" in the profile.');
});

test('what is tolerated without an end stays so, and what is not named is an error', () => {
  const [{ message, reason } = expect.fail()] = tolerated;
  expect(weighTolerated(finding, [{ message, reason }], new Date('2999-01-01')).severity).toBe('warning');
  expect(weighTolerated(finding, [{ message: 'extension "y"', reason }], new Date('2026-02-01'))).toBe(finding);
});
