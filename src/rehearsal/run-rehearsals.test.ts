import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import type { Settings } from '../config/settings.ts';
import { profileSchema } from '../config/profile.ts';
import { selectRehearsals } from './run-rehearsals.ts';

const profile = profileSchema.parse({ name: 'shop', database: { name: 'shop', owner: 'shop' } });

async function select(files: string[], rehearsals: string[], all = false): Promise<string[]> {
  const directory = await makeWorkspace(Object.fromEntries(files.map((file) => [`rehearsals/${file}`, ''])));
  const names = rehearsals.map((name) => name.replace('HERE', directory));
  return selectRehearsals({ rehearsals: names, all, config: join(directory, 'x.mjs') } as Settings, profile);
}

test.for([
  ['by its name', ['nightly'], false],
  ['by its path', ['HERE/rehearsals/nightly.rehearsal.mjs'], false],
  ['as one of all', [], true],
] as const)('a rehearsal that would be taken for a night is refused, %s', async ([, names, all]) => {
  await expect(select(['nightly.rehearsal.mjs'], [...names], all)).rejects.toThrow(
    /nightly\.rehearsal\.mjs has a name that is taken: .* Give the file another name, nightly-drill\.rehearsal\.mjs\./,
  );
});

test('names of other commands are free', async () => {
  expect(await select(['backup.rehearsal.mjs'], ['backup'])).toHaveLength(1);
});
