import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { findDefaultProfile } from './default-profile.ts';

test.for([
  ['here', ['a/rehearsal.config.mjs', 'rehearsal.config.ts'], 'a/rehearsal.config.mjs'],
  ['here, TypeScript first', ['a/rehearsal.config.js', 'a/rehearsal.config.ts'], 'a/rehearsal.config.ts'],
  ['above', ['rehearsal.config.cjs', 'a/b/rehearsal.config.ts'], 'rehearsal.config.cjs'],
  ['nowhere', ['rehearsal.config.json'], 'a/rehearsal.config.ts'],
] as const)('the profile is looked for: %s', async ([, files, expected]) => {
  const directory = await makeWorkspace(Object.fromEntries(files.map((file) => [file, ''])));
  await mkdir(join(directory, 'a'), { recursive: true });
  expect(findDefaultProfile(join(directory, 'a'))).toBe(join(directory, expected));
});

test.skipIf(process.getuid?.() !== 0)('a profile above that another account has written is not taken', async () => {
  const directory = await makeWorkspace({ 'rehearsal.config.ts': '', 'a/b/file': '' });
  const here = join(directory, 'a/b');
  expect(findDefaultProfile(here)).toBe(join(directory, 'rehearsal.config.ts'));
  await chown(join(directory, 'rehearsal.config.ts'), 1234, 1234);
  expect(findDefaultProfile(here)).toBe(join(here, 'rehearsal.config.ts'));
});
