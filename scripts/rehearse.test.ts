import { hostname } from 'node:os';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeEngines } from '../fixtures/testing/engines.ts';
import { expectNothingLeft } from '../fixtures/testing/leftovers.ts';
import { runRehearse } from '../fixtures/testing/run-rehearse.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { sampleOf } from '../fixtures/testing/sample.ts';

const damages = [
  ['row-deleted', 'ROW_COUNT_MISMATCH', 'audit_events'],
  ['value-changed', 'CONTENT_MISMATCH', 'users'],
  ['values-swapped', 'CONTENT_MISMATCH', 'masters'],
  ['table-emptied', 'ROW_COUNT_MISMATCH', 'services'],
] as const;

describeEngines('npm run rehearse', (engine) => {
  test('verifies the haircuttgbot profile and leaves evidence and nothing else', async () => {
    const result = await runRehearse({ engine });

    expect(result.output).toContain('verdict   verified');
    expect(result.exitCode).toBe(0);
    expect(result.output).toContain(result.evidence?.environment.engineReason);
    expect(result.evidence).toMatchObject({
      rehearsal: 'clean-state',
      verdict: 'verified',
      environment: { engine },
      counts: {
        users: { before: 3, after: 3, note: null },
        masters: { before: 2, after: 2, note: null },
        bookings: { before: 1, after: 1, note: null },
        availability_blocks: { before: 0, after: 0, note: null },
      },
      // A minute-old dump of seeded data says nothing of how much would be lost.
      about: { profile: 'haircuttgbot', database: 'haircuttgbot', server: null, data: 'seeded', label: null },
      objectives: { rto: { met: true }, rpo: { met: null, notApplicable: 'the data was seeded for this rehearsal' } },
      findings: [],
    });
    expect(Object.keys(result.evidence?.counts ?? {}).slice(0, 4)).toEqual([
      'users',
      'masters',
      'bookings',
      'availability_blocks',
    ]);
    expect(result.evidence?.checks.map(({ status }) => status)).not.toContain('not-run');
    const latest = JSON.parse(await readFile(join(result.reports, 'latest.json'), 'utf8')) as { verdict: string };
    expect(latest.verdict).toBe('verified');
    await expectNothingLeft(engine, result);
  });

  test.for(sampleOf(damages, () => engine))(
    'finds the damage %s between restore and comparison as %s',
    async ([damage, rule, object]) => {
      const result = await runRehearse({ engine, args: [`fixtures/damaged/${damage}.rehearsal.ts`] });

      expect(result.exitCode).toBe(1);
      expect(result.evidence?.verdict).toBe('not-verified');
      expect(result.evidence?.findings).toEqual([expect.objectContaining({ rule, object, severity: 'error' })]);
      await expectNothingLeft(engine, result);
    },
  );
});

describe('a profile outside the repository that imports nothing', () => {
  test('is rehearsed with --config', async () => {
    const profile = await makeProfile({});
    const result = await runRehearse({ engine: 'local', args: ['--config', profile, '--label', 'production'] });

    expect(result.evidence?.about).toMatchObject({ label: 'production', host: hostname() });
    expect(result.output).toContain('verdict   verified');
    expect(result.exitCode).toBe(0);
    expect(result.evidence?.counts).toEqual({ notes: { before: 2, after: 2, note: null } });
    expect(result.evidence?.checks).toContainEqual(
      expect.objectContaining({
        id: 'application-answers',
        status: 'not-applicable',
        reason: 'the profile has no application',
      }),
    );
  });
});
