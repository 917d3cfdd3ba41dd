import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { findRunning } from '../fixtures/testing/leftovers.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { listLeft, runRehearse } from '../fixtures/testing/run-rehearse.ts';

describeEngine('local', 'npm run rehearse -- --keep', (engine) => {
  test('leaves the server, and says how to get into it and how to end it', async () => {
    const result = await runRehearse({ engine, args: ['--keep', '--config', await makeProfile({})] });
    const { temporaryDirectory, output } = result;
    const [, connect = '', end = ''] = /^ *connect +(.*)\n *end +(.*)$/m.exec(output) ?? [];
    const shell = (line: string) => execa('bash', ['-c', line], { reject: false });
    onTestFinished(async () => {
      await shell(end);
    });
    expect(result.exitCode, output).toBe(0);
    expect(
      await shell(`${connect} --no-align --tuples-only --command='select id from notes order by id'`),
    ).toMatchObject({
      stdout: '7\n8',
      exitCode: 0,
    });
    // The evidence does not tell anybody how to get in.
    expect(JSON.stringify(result.evidence)).not.toContain('PGPASSFILE');

    expect(await shell(end)).toMatchObject({ exitCode: 0, stderr: '' });
    await expect.poll(() => findRunning(engine, temporaryDirectory), { timeout: 10_000 }).toEqual([]);
    expect(await listLeft(temporaryDirectory)).toEqual([]);
  });
});
