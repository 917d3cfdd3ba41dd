import { execa } from 'execa';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { endProcess } from '../../fixtures/testing/processes.ts';
import { readEnvironment } from './environment.ts';
import { decodeOwner, encodeOwner, judgeOwner, ownOwner, type Owner } from './owner.ts';

const { path } = readEnvironment();

test('an owner survives being written into a name, in 16 characters at most', async () => {
  const owner = await ownOwner(path);
  for (const length of ['short', 'full'] as const) {
    expect(encodeOwner(owner, length)).toMatch(/^[0-9a-z]{10,16}$/);
    expect(decodeOwner(encodeOwner(owner, length))).toMatchObject({ pid: process.pid, startedAt: owner.startedAt });
  }
  expect(decodeOwner(encodeOwner(owner, 'full'))).toEqual(owner);
});

test('the largest process id and a machine that has been up for years fit, too', () => {
  const owner = { pid: 4_194_304, startedAt: 100 * 86_400 * 365 * 20, place: '0z0z' };
  expect(decodeOwner(encodeOwner(owner, 'full'))).toEqual(owner);
});

test.for(['', 'test', 'abcdefghijklmnop!', 'ABCDEFGHIJKLMNOP', 'abcdefghijklmnopq'])('"%s" is no owner', (text) => {
  expect(decodeOwner(text)).toBeNull();
});

test('this process is alive', async () => {
  expect(await judgeOwner(await ownOwner(path), path)).toBe('alive');
});

test.skipIf(process.platform !== 'linux')(
  'a process is alive until it is killed, also while nobody has asked for its status',
  async () => {
    // The shell turns into a program that never waits for its child.
    const parent = execa('sh', ['-c', 'sleep 600 & echo $!; exec tail -f /dev/null'], { reject: false });
    const pid = Number(
      await new Promise<string>((resolve) => {
        parent.stdout.once('data', (chunk: Buffer) => {
          resolve(chunk.toString());
        });
      }),
    );
    onTestFinished(() => {
      endProcess(pid);
      parent.kill('SIGKILL');
    });
    const own = await ownOwner(path);
    const owner: Owner = { ...own, pid, startedAt: readStart(pid) };
    expect(await judgeOwner(owner, path)).toBe('alive');
    endProcess(pid);
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
    expect(await judgeOwner(owner, path)).toBe('dead');
  },
);

test('a process that was given the id of a dead owner is not that owner', async () => {
  const own = await ownOwner(path);
  expect(await judgeOwner({ ...own, startedAt: own.startedAt - 1 }, path)).toBe('dead');
});

test('an id that nobody has is dead', async () => {
  expect(await judgeOwner({ ...(await ownOwner(path)), pid: 4_194_303 }, path)).toBe('dead');
});

test('an owner of another machine or container is not ours to judge, dead or alive', async () => {
  const own = await ownOwner(path);
  const place = own.place === 'zzzz' ? 'yyyy' : 'zzzz';
  expect(await judgeOwner({ ...own, place }, path)).toBe('not-ours-to-judge');
  expect(await judgeOwner({ ...own, startedAt: 1, place }, path)).toBe('not-ours-to-judge');
});

test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
  'another namespace of process ids is another place',
  async () => {
    const program = `import { describePlace } from './src/system/host.ts'; console.log(describePlace());`;
    const node = ['node', '--import', 'tsx', '--input-type=module', '--eval', program];
    const here = await execa(node[0] ?? '', node.slice(1));
    const there = await execa('unshare', ['--pid', '--fork', '--mount-proc', ...node]);
    expect(here.stdout).toBe((await ownOwner(path)).place);
    expect(there.stdout).toMatch(/^[0-9a-z]{4}$/);
    expect(there.stdout).not.toBe(here.stdout);
  },
);

function readStart(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]);
}
