import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeEvidence } from '../../fixtures/testing/evidence.ts';
import type { Facts } from './schema.ts';
import { factsOfRehearsals, nightName, rehearsedIn } from './night.ts';
import { renderRunPage } from './page/run/run-page.tsx';
import { renderMarkdown } from './sinks/markdown.ts';

const rehearsed = {
  rehearsal: 'latest-backup',
  verdict: 'verified' as const,
  directory: '20260209T021800Z-latest-backup',
};

function nightOf(facts: Facts) {
  const step = { name: 'Rehearse a restore', status: 'passed' as const, durationMs: 1, error: null };
  return makeEvidence({ id: randomUUID(), rehearsal: nightName, steps: [{ ...step, facts }] });
}

test('a night leads to what it has rehearsed, and has no recovery time of its own', () => {
  const night = nightOf(factsOfRehearsals([rehearsed]));
  const page = renderRunPage(night, null);
  expect(page).toContain(`href="../${rehearsed.directory}/evidence.html"`);
  for (const text of [page, renderMarkdown(night)]) expect(text).not.toMatch(/RTO|RPO|Recovery time|not measured/);
});

test('a rehearsal of its own has both', () => {
  const page = renderRunPage(makeEvidence(), null);
  expect(page).toMatch(/Recovery time \(RTO\)/);
  expect(page).toMatch(/Data loss \(RPO\)/);
  expect(renderMarkdown(makeEvidence())).toMatch(/\| RTO \|/);
});

test('facts of other stages are no rehearsals', () => {
  expect(rehearsedIn(nightOf({ copied: 2, file: 'a, b', ...factsOfRehearsals([rehearsed]) }))).toEqual([
    { ...rehearsed, step: 'Rehearse a restore' },
  ]);
  expect(renderRunPage(nightOf({ copied: 2 }), null)).toContain('No rehearsal came to its end.');
});
