import { expect, test } from 'vitest';
import { makeEvidence } from '../../fixtures/testing/evidence.ts';
import { controlFrameworks } from '../config/evidence-profile.ts';
import { controlsOf } from './controls.ts';
import type { About, Check, Evidence } from './schema.ts';
import { renderMarkdown } from './sinks/markdown.ts';

const ids = ['backup-intact', 'restore-status', 'row-counts', 'content', 'recreated-empty', 'state', 'definitions'];
const checks = [...ids, 'application-answers', 'rto'].map(passed);

function passed(id: string): Check {
  return { id, status: 'passed', reason: null, expected: null, actual: null };
}

function evidenceOf(data: About['data'], changes: Partial<Evidence> = {}): Evidence {
  const evidence = makeEvidence({ checks });
  const isolation = { server: 'a container without a network', application: null };
  return {
    ...evidence,
    about: { ...(evidence.about as About), data },
    environment: { ...evidence.environment, isolation },
    ...changes,
  };
}

function supported(evidence: Evidence): string[] {
  const controls = controlsOf(evidence, controlFrameworks);
  return controls.filter(({ status }) => status === 'supported').map(({ clause }) => clause);
}

const ofAnyData = ['CP-4', 'CP-4(3)', '164.308(a)(7)(ii)(D)'];

test('a backup that came back supports what asks for backups, and for no damage done on purpose', () => {
  const controls = controlsOf(evidenceOf('backup'), controlFrameworks);
  const not = controls.filter(({ status }) => status === 'not-supported');
  expect(not).toMatchObject([{ clause: 'CP-4(5)', reason: 'this rehearsal does not check intact-copies' }]);
  expect(controls).toHaveLength(13);
});

test('seeded data supports nothing that asks for backups, and says so', () => {
  expect(supported(evidenceOf('seeded'))).toEqual(ofAnyData);
  const [control] = controlsOf(evidenceOf('seeded'), ['soc2']);
  expect(control).toMatchObject({
    ...{ framework: 'SOC 2', clause: 'A1.3', status: 'not-supported' },
    reason: 'it asks for backups, and what was restored was seeded for the rehearsal',
  });
});

test.for<[string, Partial<Evidence>, string]>([
  ['a rehearsal that is not verified', { verdict: 'not-verified' }, 'the rehearsal is not-verified'],
  [
    'a check that failed',
    { checks: checks.map((check) => (check.id === 'content' ? { ...check, status: 'failed' } : check)) },
    'the check content is failed',
  ],
  [
    'a check that is not there',
    { checks: checks.filter(({ id }) => id !== 'row-counts') },
    'does not check row-counts',
  ],
])('%s supports nothing', ([, changes, reason]) => {
  const evidence = evidenceOf('backup', changes);
  expect(supported(evidence)).toEqual([]);
  expect(controlsOf(evidence, ['cis'])[0]?.reason).toContain(reason);
});

test('where nothing is known of the isolation, DORA’s clause on it is not supported', () => {
  const { environment } = makeEvidence();
  expect(supported(evidenceOf('backup', { environment }))).not.toContain('art. 12(3)');
  expect(supported(evidenceOf('backup'))).toContain('art. 12(3)');
});

test('damage that was done on purpose and found supports self-challenge, whatever the data', () => {
  const evidence = evidenceOf('seeded', { checks: ['intact-copies', 'self-challenge'].map(passed) });
  expect(supported(evidence)).toEqual(['CP-4(5)']);
});

test('none is chosen, none is named', () => {
  expect(controlsOf(evidenceOf('backup'), [])).toEqual([]);
  expect(renderMarkdown(evidenceOf('backup'))).not.toContain('Controls');
});

test('evidence.md says what is supported, and that this is no certification', () => {
  const evidence = evidenceOf('seeded');
  const markdown = renderMarkdown({ ...evidence, controls: controlsOf(evidence, ['nist80053', 'soc2']) });
  expect(markdown).toContain('| NIST SP 800-53 | CP-4 | The contingency plan is tested | supports | restore-status, ');
  expect(markdown).toContain(
    '| SOC 2 | A1.3 | Procedures for recovery are tested | **does not support** | it asks for',
  );
  expect(markdown).toContain('This is no certification');
});
