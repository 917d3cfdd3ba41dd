import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostileNames, hostileSeed } from '../fixtures/hostile/names.ts';
import { describeEitherEngine } from '../fixtures/testing/engines.ts';
import { expectNothingLeft } from '../fixtures/testing/leftovers.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { runRehearse, type RehearseResult } from '../fixtures/testing/run-rehearse.ts';

const name = `a="b'c\`\n# d\u001b[31m<b>*_[l](u)\\$$%s|--e`;

describeEitherEngine('names that want to break out', (engine) => {
  test('come back, and break neither terminal nor reports', async () => {
    const result = await runRehearse({ engine, args: ['--config', await profile()] });
    expect(result.evidence?.findings).toEqual([]);
    expect(result.output).toContain('verdict   verified');
    expect(result.exitCode).toBe(0);
    expect(Object.keys(result.evidence?.counts ?? {})).toHaveLength(hostileNames.length);
    await expectHarmless(result);
    await expectNothingLeft(engine, result);
  });

  test('the database postgres, which every server starts with, is rehearsed like any other', async () => {
    const args = [
      'clean-state',
      'side-by-side',
      '--config',
      await makeProfile({ database: { name: 'postgres', owner: 'else-owner' } }),
    ];
    const result = await runRehearse({ engine, args });
    expect(result.output).toContain('verdict   verified');
    expect(result.exitCode).toBe(0);
    await expectNothingLeft(engine, result);
  });

  test('are found where they are damaged, and break neither terminal nor reports', async () => {
    const args = ['fixtures/damaged/hostile-names.rehearsal.ts', '--config', await profile()];
    const result = await runRehearse({ engine, args });
    expect(result.exitCode).toBe(1);
    const rules = (result.evidence?.findings ?? []).map(({ rule }) => rule);
    const count = (rule: string) => rules.filter((each) => each === rule).length;
    expect(count('ROW_COUNT_MISMATCH')).toBe(hostileNames.length);
    // What is named like pg_dump's own comments is found as well, but taken for a table.
    for (const rule of ['POLICY_MISSING', 'VIEW_MISSING', 'COMMENT_CHANGED']) {
      expect({ rule, times: count(rule) }).toEqual({ rule, times: hostileNames.length - 1 });
    }
    expect(count('TABLE_MISSING') + count('TABLE_CHANGED')).toBe(3);
    await expectHarmless(result);
    await expectNothingLeft(engine, result);
  });
});

function profile(): Promise<string> {
  return makeProfile({ database: { name, owner: `${name}!` } }, { 'schema.sql': hostileSeed });
}

async function expectHarmless({ output, reports }: RehearseResult): Promise<void> {
  expect(output).not.toMatch(control);
  const [directory = ''] = (await readdir(reports)).filter(
    (each) => each.endsWith('Z-clean-state') || each.includes('hostile'),
  );
  const markdown = await readFile(join(reports, directory, 'evidence.md'), 'utf8');
  expect(markdown).not.toMatch(control);
  // Code in a list stands six blanks in; nothing in it is markup.
  const text = markdown
    .split('\n')
    .filter((line) => !line.startsWith('      '))
    .map((line) => line.replace(/^> /, ''))
    .join('\n');
  expect(text).not.toMatch(/(?<!\\)(?:\\\\)*[<>`]/);
  expect(text).not.toMatch(/(?<!\\)(?:\\\\)*[[\]]/);
  const headings = text.split('\n').filter((line) => /^\s*#/.test(line));
  for (const heading of headings)
    expect(heading).toMatch(/^# Restore rehearsal [\w-]+ of .*: [\w-]+$|^## (?:[A-Z][a-z, ]+|Phases of the RTO)$/);
  // As many cells in every row of a table as in its head.
  for (const table of text.split('\n\n').filter((block) => block.startsWith('|'))) {
    const cells = table.split('\n').map((row) => row.split(/(?<!\\)(?:\\\\)*\|/).length);
    expect(new Set(cells).size).toBe(1);
  }
}

// Code in a diff may hold tabs.
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
