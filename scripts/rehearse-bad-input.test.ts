import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runRehearse, type RehearseResult } from '../fixtures/testing/run-rehearse.ts';
import { makeProfile, respond } from '../fixtures/testing/profiles.ts';
import type { EngineName } from '../src/config/profile.ts';

describe('bad input ends with status 2 and a clear error', () => {
  test.for([
    ['an unknown flag', ['--enigne', 'local'], 'Unknown flag --enigne; did you mean --engine?'],
    ['an unknown engine', ['--engine', 'podman'], 'There is no engine "podman"'],
    ['an unknown rehearsal', ['clean-stat'], 'There is no rehearsal "clean-stat"; did you mean "clean-state"?'],
    ['a profile that is not there', ['--config', 'nowhere.ts'], 'There is no profile at'],
    ['an image that does not exist', ['--engine', 'docker', '--image', 'localhost:1/no/such:image'], 'To mend it:'],
  ] as const)('%s', async ([, args, message]) => {
    const result = await runRehearse({ args: [...args] });

    expect(result.output).toContain(message);
    expect(result.exitCode).toBe(2);
  });

  test('an unknown key in the profile, with the nearest known one', async () => {
    const result = await runWith({ databse: {}, app: { url: 'http://127.0.0.1:1', helth: {} } });
    expect(result.output).toContain('unknown key "databse"; did you mean "database"?');
    expect(result.output).toContain('unknown key "app.helth"; did you mean "health"?');
  });

  test('a missing seed file', async () => {
    const result = await runWith({ seed: ['schema.sql', 'gone.sql'] });
    expect(result.output).toMatch(/The seed file \/.*\/gone\.sql does not exist/);
  });

  test('an error in a seed file, with file, line and message but no row', async () => {
    const seed = "insert into notes\nvalues (1, 'canary');\ninsert into notes values (1, 'canary');\n";
    const result = await runWith({ seed: ['schema.sql', 'more.sql'] }, { 'more.sql': seed });
    expect(result.output).toMatch(/more\.sql:3: ERROR: {2}duplicate key value violates unique constraint "notes_pkey"/);
    expect(result.output).not.toContain('canary');
    expect(result.evidence).toMatchObject({ verdict: 'could-not-run' });
  });

  test('no engine at all, with every reason and what mends it', async () => {
    const nowhere = { REHEARSAL_PG_BINDIR: '/nonexistent', DOCKER_HOST: 'unix:///nonexistent.sock' };
    const result = await runWith(
      {},
      {},
      { engine: null, env: { ...nowhere, REHEARSAL_IMAGE: 'localhost:1/no/such:image' } },
    );
    expect(result.output).toContain('No engine can provide a PostgreSQL server here.');
    expect(result.output).toMatch(/docker: .*\n.*To mend it: /);
    expect(result.output).toMatch(/local: .*REHEARSAL_PG_BINDIR \(\/nonexistent\).*\n.*To mend it: /);
    expect(result.evidence?.verdict).toBe('could-not-run');
  });

  test('a table that the database does not have', async () => {
    const result = await runWith({ tables: ['notes', 'note'] });
    expect(result.output).toContain('The profile names tables that the database does not have: note. It has: notes.');
  });

  test('an application that there is not', async () => {
    const result = await runWith({ app: { command: ['no-such-program'] } });
    expect(result.output).toContain('there is no program "no-such-program"');
  });

  test('an application that ends at once, with its last lines', async () => {
    const result = await runWith({
      app: { command: ['node', '-e', 'console.error("cannot read config"); process.exit(7)'] },
    });
    expect(result.output).toContain('it ended with status 7');
    expect(result.output).toContain('cannot read config');
  });

  test('an application whose port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const listen = `require('node:http').createServer().listen(${port}, '127.0.0.1')`;
    const result = await runWith({ app: { command: ['node', '-e', listen] } });
    expect(result.output).toContain('The port it wants is taken');
    expect(result.output).toContain('EADDRINUSE');
  });

  test('an application that never gets healthy, with its last answer', async () => {
    const app = respond("answer(() => [503, { status: 'starting' }]);");
    const result = await runWith({ app: { ...app, health: { withinMs: 1000 } } });
    expect(result.output).toContain('not within 1 s; last answer: 503 {"status":"starting"}');
  });

  async function runWith(
    profile: Record<string, unknown>,
    files: Record<string, string> = {},
    { engine = 'local', env = {} }: { engine?: EngineName | null; env?: Record<string, string> } = {},
  ): Promise<RehearseResult> {
    const config = await makeProfile(profile, files);
    const result = await runRehearse({ args: ['--config', config], env, ...(engine !== null && { engine }) });
    expect(result.exitCode).toBe(2);
    expect(result.temporary).toEqual([]);
    return result;
  }
});
