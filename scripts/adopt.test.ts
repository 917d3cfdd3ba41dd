import { execa } from 'execa';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { nodeVersions, pack, type Packed } from '../fixtures/testing/packages.ts';
import { makePerson, type Person } from '../fixtures/testing/person.ts';
import { isLongRun } from '../fixtures/testing/sample.ts';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { patternOf, readTranscript } from '../fixtures/testing/transcript.ts';
import { readUserService } from '../fixtures/testing/user-unit.ts';
import { databaseUrl, type Connection } from '../src/postgres/connection.ts';

const page = fileURLToPath(new URL('../docs/adopt.md', import.meta.url));
const tenMinutesMs = 600_000;

/** An application whose health check asks its database. */
const server = `
const { Client } = require('pg');
require('node:http').createServer(async (request, response) => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select count(*) from orders');
    response.writeHead(200).end('{"status":"ok"}');
  } catch {
    response.writeHead(503).end('{}');
  }
  await client.end().catch(() => {});
}).listen(process.env.PORT, '127.0.0.1');
`;
const manifest = '{\n  "scripts": {\n    "start": "node server.js"\n  },\n  "dependencies": { "pg": "^8" }\n}\n';

describe.skipIf(inject('skipped').local !== null)('docs/adopt.md', () => {
  const live = useServer('local');
  let owner: Connection;
  let packed: Packed;
  let projectFiles: Record<string, string>;

  beforeAll(async () => {
    packed = await pack();
    owner = { ...(await createTestDatabase(live(), 'shop')), ...(await live().openPort()) };
    await withClient(owner, (client) =>
      client.query('create table orders (id int primary key); insert into orders select generate_series(1, 1000)'),
    );
    projectFiles = { '.env': `DATABASE_URL=${databaseUrl(owner)}\n`, 'package.json': manifest, 'server.js': server };
  }, 500_000);

  // package.test.ts has the others.
  test.for(isLongRun ? nodeVersions : ['that of the tests'])(
    'is what an ordinary account sees: install, init, a verified drill, a silent night, damage, a red drill; Node.js: %s',
    { timeout: 1_500_000 },
    async (nodeVersion) => {
      const person = await makePerson(projectFiles, isLongRun ? nodeVersion : null);
      const startedAt = performance.now();
      const statuses: (number | undefined)[] = [];
      let last = '';
      for (const typed of await readTranscript(page, 'adopt')) {
        // Of a package that is not published there is a file alone.
        const command = typed.command.replace(/^(npm install .*)restore-rehearsal$/, `$1'${packed.file}'`);
        const { exitCode, all } = await person.type(command);
        statuses.push(exitCode);
        expect(all, command).toMatch(patternOf(typed));
        expect(all, command).not.toContain(owner.password);
        if (command.startsWith('systemctl --user enable')) await spendNight(person);
        last = all;
      }
      const tookMs = performance.now() - startedAt;
      console.log(`From nothing to a red drill: ${Math.round(tookMs / 1000)} s (Node.js ${nodeVersion})`);
      expect(tookMs).toBeLessThan(tenMinutesMs);
      expect(statuses.slice(0, -1)).toEqual(statuses.slice(0, -1).map(() => 0));
      expect(statuses.at(-1)).toBe(1);
      expect(await read(person, 'rehearsal.config.ts', '.gitignore')).not.toContain(owner.password);
      expect(await readdir(join(person.project, 'reports'))).toContain('index.html');
      const [, evidence = ''] = /page +(\S+\.html)/.exec(last) ?? [];
      const shown = await read(person, evidence);
      expect(shown).toContain('not-verified');
      expect(shown).toMatch(/[A-Z_]+MISMATCH/);
    },
  );
});

/** The timer's service, as systemd would start it: it has nothing to say against it, and the night is verified and silent. */
async function spendNight(person: Person): Promise<void> {
  // The page says what this file is for.
  await person.type('echo REHEARSAL_ENGINE=local >> ~/.config/restore-rehearsal.env');
  const units = join(person.home, '.config', 'systemd', 'user');
  const { stdout: instance } = await execa('systemd-escape', ['--path', person.project]);
  const linked = `restore-rehearsal@${instance}.timer`;
  expect(await readdir(join(units, 'timers.target.wants'))).toEqual([linked]);
  const { project: cwd, home } = person;
  const asManager = { cwd, env: { HOME: home, XDG_RUNTIME_DIR: join(home, 'tmp'), PATH: process.env['PATH'] ?? '' } };
  const verified = await person.run(['systemd-analyze', '--user', 'verify', '--man=no', linked], asManager);
  expect(verified).toMatchObject({ exitCode: 0, all: '' });
  const service = await readUserService(join(units, 'restore-rehearsal@.service'), { home, instance: person.project });
  const night = await person.run(service.argv, service);
  expect(night).toMatchObject({ exitCode: 0, all: '' });
  expect((await readdir(join(person.project, 'reports'))).filter((name) => name.endsWith('-nightly'))).toHaveLength(1);
}

async function read(person: Person, ...files: string[]): Promise<string> {
  return (await Promise.all(files.map((file) => readFile(join(person.project, file), 'utf8')))).join('\n');
}
