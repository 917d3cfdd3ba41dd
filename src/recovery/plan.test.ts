import { expect, test } from 'vitest';
import type { Mark } from './marks.ts';
import { ownComment, readMark, writeMark } from './marks.ts';
import { keptName, restoreName } from './names.ts';
import { findSwitched, planRestore, planRollback, type MarkedDatabase } from './plan.ts';

const backup = 'ab'.repeat(32);
const takenAt = new Date('2026-02-09T09:48:03.120Z');
const wanted = { live: 'shop', backup, takenAt };
const about = { tool: 'restore-rehearsal', database: 'shop', backup, takenAt: takenAt.toISOString() } as const;
const name = 'shop_restore_20260209T094803Z';

test('names beside a database have 63 bytes at most, of whole characters', () => {
  expect(restoreName('shop', takenAt, 1)).toBe(name);
  expect(keptName('shop', takenAt, 2)).toBe('shop_before_20260209T094803Z_2');
  const long = restoreName('ü'.repeat(31), takenAt, 12);
  expect(Buffer.byteLength(long)).toBe(62);
  expect(long).toBe(`${'ü'.repeat(17)}_restore_20260209T094803Z_12`);
});

test('a mark comes back from a comment, and leaves people’s own alone', () => {
  const kept: Mark = { ...about, state: 'kept', successor: '7', replacedAt: about.takenAt, comment: '{"a": 1}' };
  expect(readMark(writeMark(kept))).toEqual(kept);
  expect(ownComment(writeMark(kept))).toBe('{"a": 1}');
  expect(ownComment(writeMark({ ...about, state: 'verified' }))).toBeNull();
  for (const comment of ['of people', '{"tool":"restore-rehearsal"}', '', null]) {
    expect(readMark(comment)).toBeNull();
    expect(ownComment(comment)).toBe(comment);
  }
});

test.for([
  ['nothing of that name', [], { name, found: 'nothing' }],
  ['one that was cut short', [database(name, 'unfinished')], { name, found: 'unfinished' }],
  ['one that has no mark yet', [{ ...database(name), unfinished: true }], { name, found: 'unfinished' }],
  ['one that is whole', [database(name, 'restored')], { name, found: 'finished' }],
  ['one that was not compared', [database(name, 'not-compared')], { name, found: 'finished' }],
  ['one that is different', [database(name, 'different')], { name, found: 'finished' }],
  [
    'one that was not wholly dropped',
    [{ ...database(name, 'verified'), unfinished: true }],
    { name, found: 'unfinished' },
  ],
  ['one that was verified', [database(name, 'verified')], { name, found: 'finished' }],
  [
    'one that was cut short and that somebody looks into',
    [{ ...database(name, 'unfinished'), inUse: true }],
    {
      name: `${name}_2`,
      found: 'nothing',
      passedOver: [{ name, why: expect.stringContaining('connected') as string }],
    },
  ],
  [
    'one of which an older version did not say whether it is whole',
    [database(name, 'restoring')],
    { name: `${name}_2`, found: 'nothing', passedOver: [{ name, why: expect.stringContaining('older') as string }] },
  ],
  [
    'one of another backup that was cut short',
    [database(name, 'unfinished', { backup: 'cd'.repeat(32) })],
    { name: `${name}_2`, found: 'nothing' },
  ],
  [
    'one of another backup',
    [database(name, 'verified', { backup: 'cd'.repeat(32) })],
    { name: `${name}_2`, found: 'nothing' },
  ],
  [
    'one of a database whose name is cut off to the same',
    [database(name, 'unfinished', { database: 'shops' })],
    { name: `${name}_2`, found: 'nothing' },
  ],
  [
    'one that was live, and one that was verified since',
    [database(name, 'rolled-back'), database(`${name}_2`, 'verified')],
    { name: `${name}_2`, found: 'finished' },
  ],
] as [string, MarkedDatabase[], object][])('where there is %s', ([, databases, expected]) => {
  expect(planRestore([database('shop'), ...databases], wanted)).toMatchObject(expected);
});

test('somebody else’s database is in the way', () => {
  expect(() => planRestore([database(name)], wanted)).toThrow('was not made here');
});

test('what is live already is known by its oid, whatever it is called', () => {
  const kept = database('anything', 'kept', { successor: '1' });
  expect(findSwitched([database('shop'), kept], wanted)).toEqual({ kept: 'anything' });
  expect(findSwitched([{ ...database('shop'), oid: '9' }, kept], wanted)).toBeNull();
  expect(findSwitched([database('shop'), kept, database(name, 'verified')], wanted)).toBeNull();
});

test('a mark that came to the live name by hand is understood', () => {
  expect(findSwitched([database('shop', 'verified')], wanted)).toEqual({ kept: null });
  for (const state of ['unfinished', 'restoring', 'restored', 'not-compared', 'different'] as const) {
    expect(findSwitched([database('shop', state)], wanted)).toBeNull();
    expect(planRestore([database('shop', state)], wanted)).toEqual({ name, found: 'nothing', passedOver: [] });
  }
});

test('a rollback takes the newest database that the live one has replaced', () => {
  const [older, newer, other] = [
    database('a', 'kept', { successor: '1', replacedAt: '2026-02-09T00:00:00.000Z' }),
    database('b', 'kept', { successor: '1', replacedAt: '2026-02-10T00:00:00.000Z' }),
    database('c', 'kept', { successor: '8', replacedAt: '2026-02-11T00:00:00.000Z' }),
  ];
  const plan = planRollback([older, other, newer, database('shop'), database(name)], 'shop', null);
  expect(plan).toMatchObject({ kept: { name: 'b' }, current: { oid: '1', putAside: `${name}_2` } });
  expect(plan.others.map(({ name: each }) => each)).toEqual(['c', 'a']);
  const nothing = () => planRollback([other, database('shop')], 'shop', null);
  expect(nothing).toThrow('These are kept, the newest first: c. Choose one with --rollback --to NAME.');
  expect(planRollback([older, other], 'shop', null)).toMatchObject({ kept: { name: 'c' }, current: null });
});

test('a rollback takes the database that is asked for, also after one that went back less far', () => {
  const databases = [
    database('a', 'kept', { successor: '1', replacedAt: '2026-02-09T00:00:00.000Z' }),
    database('b', 'rolled-back', { predecessor: '1' }),
    database('shop'),
  ];
  expect(planRollback(databases, 'shop', null)).toMatchObject({
    ...{ kind: 'done', putAside: 'b' },
    others: [{ name: 'a', replacedAt: new Date('2026-02-09T00:00:00.000Z') }],
  });
  expect(planRollback(databases, 'shop', 'a')).toMatchObject({ kind: 'exchange', kept: { name: 'a' }, others: [] });
  for (const name of ['b', 'shop', 'postgres']) {
    expect(() => planRollback(databases, 'shop', name)).toThrow(`${name} is not kept for shop. Nothing was done.`);
  }
});

function database(called: string, state?: Mark['state'], more: object = {}): MarkedDatabase {
  const details = {
    ...{ unfinished: {}, restoring: {}, restored: {}, 'not-compared': {}, different: {}, verified: {} },
    kept: { successor: '0', replacedAt: about.takenAt, comment: null },
    'rolled-back': { predecessor: '0', rolledBackAt: about.takenAt },
    live: { comment: null },
  };
  const mark = state === undefined ? null : readMark(JSON.stringify({ ...about, state, ...details[state], ...more }));
  return { oid: called === 'shop' ? '1' : called, name: called, mark, unfinished: false, inUse: false };
}
