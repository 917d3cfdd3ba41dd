import { expect, test } from 'vitest';
import * as z from 'zod';
import { listProfileKeys } from './profile-keys.ts';

test('every key of a profile says what it is for: .describe(…) at the key', () => {
  const silent = listProfileKeys().filter(({ text }) => !/^[A-Z].*[.:`]$/s.test(text));
  expect(silent.map(({ name }) => name)).toEqual([]);
});

test('a key has its type and its default as they are written', () => {
  const keys = new Map(
    listProfileKeys().map(({ name, type, otherwise, required }) => [name, { type, otherwise, required }]),
  );
  expect(keys.get('name')).toEqual({ type: 'text', otherwise: null, required: true });
  expect(keys.get('postgres.engine')).toEqual({
    type: '"auto" | "docker" | "local"',
    otherwise: '"auto"',
    required: false,
  });
  expect(keys.get('objectives.rto')).toEqual({ type: 'text', otherwise: '"60m"', required: false });
  expect(keys.get('app.probes[].path')).toEqual({ type: 'text', otherwise: null, required: true });
  expect(keys.get('volume.tables')).toMatchObject({ type: 'object of text' });
  expect(keys.get('materializedViews.within')).toMatchObject({ otherwise: '"60s"' });
  expect(keys.get('tolerate[].until')).toMatchObject({ required: false });
});

test('a key without a description has no text', () => {
  const keys = listProfileKeys(z.strictObject({ a: z.string(), b: z.strictObject({ c: z.number() }).optional() }));
  expect(keys.map(({ name, text }) => [name, text])).toEqual([
    ['a', ''],
    ['b', ''],
    ['b.c', ''],
  ]);
});
