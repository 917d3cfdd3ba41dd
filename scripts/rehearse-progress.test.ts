import { writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makePlace } from '../fixtures/testing/run-rehearse.ts';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { runAtTerminal } from '../fixtures/testing/terminal.ts';

const root = join(import.meta.dirname, '..');

describeEngine('local', 'at a terminal, npm run rehearse', (engine) => {
  test('shows in one line that changes how far long work has come, and nothing of it stays', async () => {
    const { temporaryDirectory, reports } = await makePlace();
    const gate = await makeWorkspace();
    // psql waits there, and runs as another account.
    await chmod(gate, 0o755);
    const open = join(gate, 'open');
    const profile = await makeProfile(
      { seed: ['schema.sql', 'long.sql'] },
      { 'long.sql': `\\! until [ -e '${open}' ]; do sleep 0.1; done\n${'-- a comment\n'.repeat(50_000)}` },
    );
    const command = `node scripts/start.mjs rehearse --engine ${engine} --config '${profile}' --reports '${reports}'`;
    const { exitCode, screen } = await runAtTerminal(
      command,
      { cwd: root, env: { TMPDIR: temporaryDirectory } },
      [
        [
          'long.sql: read',
          () => {
            writeFileSync(open, '');
          },
        ],
      ],
      { keepControls: true },
    );
    expect(exitCode).toBe(0);
    const shown = screen.split('\n').find((line) => line.includes('long.sql: read')) ?? '';
    const states = shown.split(/\r\u001b\[2?K/);
    expect(states.filter((state) => /long\.sql: read \d+ % of 650\.\d kB/.test(state)).length).toBeGreaterThan(0);
    expect(states.at(-1)).not.toContain('read');
    expect(states.at(-1)).toContain('schema.sql, long.sql');
  });
});
