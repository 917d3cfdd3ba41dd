import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runRehearse, type RehearseResult } from '../fixtures/testing/run-rehearse.ts';
import { makeProfile, respond } from '../fixtures/testing/profiles.ts';
import { sampleOf } from '../fixtures/testing/sample.ts';
import type { EngineName } from '../src/config/profile.ts';

interface Mistake {
  name: string;
  /** What has to be started before it is noticed. */
  of: 'server' | 'application';
  profile: () => Record<string, unknown> | Promise<Record<string, unknown>>;
  files?: Record<string, string>;
  without?: { engine: null; env: Record<string, string> };
  says: RegExp[];
}

const mistakes: Mistake[] = [
  {
    name: 'an error in a seed file, with file, line and message but no row',
    of: 'server',
    profile: () => ({ seed: ['schema.sql', 'more.sql'] }),
    files: { 'more.sql': "insert into notes\nvalues (1, 'canary');\ninsert into notes values (1, 'canary');\n" },
    says: [/more\.sql:3: ERROR: {2}duplicate key value violates unique constraint "notes_pkey"/],
  },
  {
    name: 'no engine at all, with every reason and what mends it',
    of: 'server',
    profile: () => ({}),
    without: {
      engine: null,
      env: {
        REHEARSAL_PG_BINDIR: '/nonexistent',
        DOCKER_HOST: 'unix:///nonexistent.sock',
        REHEARSAL_IMAGE: 'localhost:1/no/such:image',
      },
    },
    says: [
      /No engine can provide a PostgreSQL server here\./,
      /docker: .*\n.*To mend it: /,
      /local: .*REHEARSAL_PG_BINDIR \(\/nonexistent\).*\n.*To mend it: /,
    ],
  },
  {
    name: 'a table that the database does not have',
    of: 'server',
    profile: () => ({ tables: ['notes', 'note'] }),
    says: [/The profile names tables that the database does not have: note\. It has: notes\./],
  },
  {
    name: 'an application that there is not',
    of: 'application',
    profile: () => ({ app: { command: ['no-such-program'] } }),
    says: [/there is no program "no-such-program"/],
  },
  {
    name: 'an application that ends at once, with its last lines',
    of: 'application',
    profile: () => ({ app: { command: ['node', '-e', 'console.error("cannot read config"); process.exit(7)'] } }),
    says: [/it ended with status 7/, /cannot read config/],
  },
  {
    name: 'an application whose port is taken',
    of: 'application',
    profile: async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      onTestFinished(() => void taken.close());
      await new Promise((resolve) => taken.once('listening', resolve));
      const { port } = taken.address() as { port: number };
      const listen = `require('node:http').createServer().listen(${port}, '127.0.0.1')`;
      return { app: { command: ['node', '-e', listen] } };
    },
    says: [/The port it wants is taken/, /EADDRINUSE/],
  },
  {
    name: 'an application that never gets healthy, with its last answer',
    of: 'application',
    profile: () => ({
      app: { ...respond("answer(() => [503, { status: 'starting' }]);"), health: { withinMs: 1000 } },
    }),
    says: [/not within 1 s; last answer: 503 \{"status":"starting"\}/],
  },
];

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

  test.for(sampleOf(mistakes, ({ of }) => of, 2))('$name', async ({ profile, files, without, ...mistake }) => {
    const result = await runWith(await profile(), files, without);
    for (const message of mistake.says) expect(result.output).toMatch(message);
    expect(result.output).not.toContain('canary');
    expect(result.evidence).toMatchObject({ verdict: 'could-not-run' });
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
