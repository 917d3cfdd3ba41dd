import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { explainCommand } from './explain.ts';

const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  vi.spyOn(console, 'log').mockImplementation((text: string) => said.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const explain = async (...names: string[]) => {
  await explainCommand.run({}, names);
  return said.join('\n').replace(/\s+/g, ' ');
};

test.for([
  ['a finding', 'CHECKSUM_MISMATCH', /Where it comes from: .*What to do: /],
  ['as people type it', 'checksum-mismatch', /CHECKSUM_MISMATCH .*Where it comes from: /],
  ['a kind of object', 'INDEX_MISSING', /An object of the kind index is at the source, and not/],
  ['a compared setting', 'DATABASE_SETTING_CHANGED', /Compared is: /],
  ['a code of a step', 'NO_ENGINE', /As what a step ended with: No disposable server/],
] as const)('says what %s means', async ([, name, expected]) => {
  expect(await explain(name)).toMatch(expected);
});

test('without a name, all are listed', async () => {
  const all = await explain();
  for (const name of ['NO_BACKUP', 'ROW_COUNT_MISMATCH', 'NO_ENGINE']) expect(all).toContain(name);
});

test('a name that is none is met with the nearest', () => {
  expect(() => explainCommand.run({}, ['ROW_COUNT_MISMATCHED'])).toThrow(/did you mean "ROW_COUNT_MISMATCH"/);
});
