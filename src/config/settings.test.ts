import { describe, expect, test } from 'vitest';
import { profileSchema } from './profile.ts';
import { applySettings } from './settings.ts';

describe('over the profile', () => {
  const profile = profileSchema.parse({
    name: 'x',
    database: { name: 'x', owner: 'x' },
    postgres: { engine: 'docker', image: 'postgres:15' },
    seed: ['x.sql'],
    evidence: { directory: 'from-profile', frequency: '24h' },
  });

  test('settings that were given count, and nothing else changes', () => {
    expect(applySettings(profile, { engine: 'local', image: 'postgres:17', reports: 'given' })).toEqual({
      ...profile,
      postgres: { engine: 'local', image: 'postgres:17' },
      evidence: { directory: 'given', frequency: 86_400_000 },
    });
  });

  test('settings that were not given change nothing', () => {
    expect(applySettings(profile, { engine: null, image: null, reports: null })).toEqual(profile);
  });
});
