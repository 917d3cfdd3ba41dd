import { expect, test } from 'vitest';
import { describeCost } from './describe-rights.ts';
import type { RightsCost } from './rights-cost.ts';
import type { RightsChange, RoleRights } from './rights.ts';

function role(name: string | null, objects: number): RoleRights {
  const names = Array.from({ length: objects }, (_, index) => `table public.t${index}`);
  return { role: name, objects: names.map((object) => ({ object, privileges: ['INSERT', 'SELECT'] })) };
}

function lines(change: RightsChange, telling: { all: boolean; done?: boolean }): string[] {
  return describeCost({ kind: 'compared', change, carried: none }, { live: 'shop', ...telling });
}

const none: RightsChange = { lost: [], gained: [] };

test('who has most to lose comes first', () => {
  const change = { lost: [role('app', 1), role('reader', 2)], gained: [role(null, 1)] };
  expect(lines(change, { all: false })).toEqual([
    'Roles would lose rights:',
    '  reader, on 2 objects',
    '    table public.t0: INSERT, SELECT',
    '    table public.t1: INSERT, SELECT',
    '  app, on 1 object',
    '    table public.t0: INSERT, SELECT',
    'Roles would get rights that are not theirs now:',
    '  PUBLIC, on 1 object',
    '    table public.t0: INSERT, SELECT',
  ]);
});

test('what a switch carries over comes before what it does not', () => {
  const carried = { lost: [role('app', 1)], gained: [role(null, 5)] };
  const change = { lost: [role('reader', 1)], gained: [] };
  expect(describeCost({ kind: 'compared', change, carried }, { live: 'shop', all: false })).toEqual([
    'Granted by a switch, as in the live database:',
    '  app, on 1 object',
    '    table public.t0: INSERT, SELECT',
    'Revoked by a switch, as in the live database:',
    '  PUBLIC, on 5 objects',
    ...[0, 1, 2].map((number) => `    table public.t${number}: INSERT, SELECT`),
    '    and 2 more objects',
    'Roles would lose rights:',
    '  reader, on 1 object',
    '    table public.t0: INSERT, SELECT',
    '--all-rights lists all of them.',
  ]);
});

test('a long list is short, and whole where it is asked for', () => {
  const change = { lost: ['a', 'b', 'c', 'd', 'e'].map((name) => role(name, 16)), gained: [] };
  const short = lines(change, { all: false, done: true });
  expect(short).toHaveLength(1 + 4 * 5 + 2);
  expect(short[0]).toBe('Roles have lost rights:');
  expect(short[5]).toBe('    and 13 more objects');
  expect(short.at(-1)).toBe('--all-rights lists all of them.');
  expect(short.at(-2)).toBe('  and 1 more role');
  expect(lines(change, { all: true })).toHaveLength(1 + 5 * 17);
});

test.each<[string, RightsCost, string]>([
  ['nothing changes', { kind: 'compared', change: none, carried: none }, 'Every role may do there what'],
  ['nothing is live', { kind: 'no-live' }, 'Nothing was live, so no role loses'],
  ['what is live cannot be read', { kind: 'unreadable', reason: 'it is closed' }, 'lose: it is closed'],
])('where %s, that is said', (_, cost, said) => {
  expect(describeCost(cost, { live: 'shop', all: false })).toEqual([expect.stringContaining(said)]);
});
