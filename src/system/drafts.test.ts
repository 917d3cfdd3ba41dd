import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeEvidence } from '../../fixtures/testing/evidence.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from './environment.ts';
import { encodeOwner, ownOwner, type Owner } from './owner.ts';
import { draftPath, findDrafts, removeDrafts } from './drafts.ts';
import { publishRun } from '../evidence/sinks/table.ts';
import { writeEvidence } from '../evidence/write.ts';

/** A draft's name as a writer with these properties would choose it. */
async function draftOf(name: string, changes: Partial<Owner>): Promise<string> {
  const owner = { ...(await ownOwner(readEnvironment().path)), ...changes };
  return `.${name}-${encodeOwner(owner, 'full')}-0123abcd`;
}

const dead = { startedAt: 1 };

test('a draft says who writes it, and is nobody’s to remove while the writer lives', async () => {
  const reports = await makeWorkspace();
  const draft = await draftPath(reports, 'latest.json');
  await writeFile(draft, '{');
  expect(basename(draft)).toMatch(/^\.latest\.json-[0-9a-z]+-[0-9a-f]{8}$/);
  expect(await removeDrafts(reports)).toEqual({ removed: [], failed: [] });
  expect(await readdir(reports)).toEqual([basename(draft)]);
});

test('only drafts of the dead are found', async () => {
  const reports = await makeWorkspace();
  const drafts = [await draftOf('20260209T094803Z-clean-state', dead), await draftOf('latest.json', dead)];
  const others = [
    await draftOf('x', {}),
    await draftOf('x', { ...dead, place: '0000' }),
    (await draftOf('x', dead)).slice(1),
    '.gitignore',
    '.20260209T094803Z-clean-state-0123abcd',
  ];
  for (const name of [...drafts, ...others]) await mkdir(join(reports, name));
  expect((await findDrafts(reports)).toSorted()).toEqual(drafts.toSorted());
  const { removed } = await removeDrafts(reports);
  expect(removed.toSorted()).toEqual(drafts.map((name) => join(reports, name)).toSorted());
  expect((await readdir(reports)).toSorted()).toEqual(others.toSorted());
});

test('whoever writes evidence next removes them', async () => {
  const reports = await makeWorkspace({ [`${await draftOf('a', dead)}/evidence.json`]: '{' });
  const { directory: name } = await writeEvidence(reports, makeEvidence(), {});
  expect(await readdir(reports)).toEqual([name]);
});

test('whoever writes latest.json next removes them', async () => {
  const reports = await makeWorkspace({ [await draftOf('latest.json', dead)]: '{"verd' });
  await publishRun({ reports, outcomes: [], screen: { print: () => undefined, columns: null } });
  expect(await readdir(reports)).toEqual(['index.html', 'latest.json']);
});
