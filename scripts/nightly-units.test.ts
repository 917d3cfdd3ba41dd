import { execa } from 'execa';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { nightlyCommand } from '../src/commands/nightly.ts';
import { readOptions } from '../src/commands/read-options.ts';

const names = ['restore-rehearsal.service', 'restore-rehearsal.timer'];
/** Of 10, which is everything. What is left is the network, and that Node.js compiles while it runs. */
const mostExposure = 2;

/** The units as docs/nightly has them, but for the command, which has to be a program that is there. */
async function makeUnits(change: (text: string) => string = (text) => text): Promise<string[]> {
  const directory = await makeWorkspace();
  const files = names.map((name) => join(directory, name));
  for (const [index, file] of files.entries()) {
    const text = await readFile(new URL(`../docs/nightly/${names[index] ?? ''}`, import.meta.url), 'utf8');
    await writeFile(file, change(text).replace('/usr/local/bin/restore-rehearsal', process.execPath));
  }
  return files;
}

const analyze = (...args: string[]) => execa('systemd-analyze', args, { reject: false, all: true });
const security = (unit = '') =>
  analyze('security', '--offline=yes', '--no-pager', `--threshold=${mostExposure * 10}`, unit);

test('systemd has nothing to say against the units, and they leave a night little to do harm with', async () => {
  const units = await makeUnits();
  expect(await analyze('verify', '--man=no', ...units)).toMatchObject({ exitCode: 0, all: '' });
  const { exitCode, all } = await security(units[0]);
  expect(exitCode, all).toBe(0);
});

test('a unit that is misspelt, or lets a night do more, would be noticed', async () => {
  const misspelt = await makeUnits((text) => text.replace('PrivateTmp=', 'PrivatTmp='));
  expect((await analyze('verify', '--man=no', ...misspelt)).all).toMatch(/Unknown key (?:name )?'PrivatTmp'/);
  const open = await makeUnits((text) =>
    text.replace(/^(?:CapabilityBoundingSet|SystemCallFilter|ProtectSystem)=.*$/gm, ''),
  );
  expect((await security(open[0])).exitCode).not.toBe(0);
});

test('the unit starts a night with flags that there are', async () => {
  const text = await readFile(new URL('../docs/nightly/restore-rehearsal.service', import.meta.url), 'utf8');
  const [, line = ''] = /^ExecStart=\S+ nightly (.*)$/m.exec(text) ?? [];
  expect(readOptions(nightlyCommand, line.split(' '), {})?.options).toMatchObject({ quiet: true, engine: 'local' });
});
