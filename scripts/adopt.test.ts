import { execa } from 'execa';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { databaseUrl } from '../src/postgres/connection.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a person types, and what has to be among what is shown, in this order; `…` stands for anything. */
interface Typed {
  command: string;
  shown: string[];
}

async function readTranscript(): Promise<Typed[]> {
  const text = await readFile(join(root, 'docs/adopt.md'), 'utf8');
  const lines = [...text.matchAll(/^```console adopt\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
  const typed: Typed[] = [];
  for (const line of lines) {
    if (line.startsWith('$ ')) typed.push({ command: line.slice(2), shown: [] });
    else typed.at(-1)?.shown.push(line);
  }
  return typed;
}

/** An application whose health check asks its database. */
const server = `
const { Client } = require(${JSON.stringify(join(root, 'node_modules/pg/lib/index.js'))});
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

describe.skipIf(inject('skipped').local !== null)('docs/adopt.md', () => {
  const live = useServer('local');

  test('is what happens in an empty directory: init, a verified drill, a silent night, damage, a red drill', async () => {
    const owner = { ...(await createTestDatabase(live(), 'shop')), ...(await live().openPort()) };
    await withClient(owner, (client) =>
      client.query('create table orders (id int primary key); insert into orders select generate_series(1, 1000)'),
    );
    const directory = await makeWorkspace({
      '.env': `DATABASE_URL=${databaseUrl(owner)}\n`,
      'package.json': '{\n  "scripts": {\n    "start": "node server.js"\n  }\n}\n',
      'server.js': server,
      'bin/npx': `#!/bin/sh\nshift\nexec node ${root}scripts/start.mjs "$@"\n`,
      'tmp/.keep': '',
    });
    await chmod(join(directory, 'bin/npx'), 0o755);
    const env = {
      PATH: `${join(directory, 'bin')}:${process.env['PATH'] ?? ''}`,
      TMPDIR: join(directory, 'tmp'),
      REHEARSAL_ENGINE: 'local',
      FORCE_COLOR: '0',
      GITHUB_ACTIONS: 'false',
      CI: '',
    };
    const statuses: (number | undefined)[] = [];
    for (const { command, shown } of await readTranscript()) {
      const { exitCode, all } = await execa('bash', ['-c', command], {
        cwd: directory,
        env,
        all: true,
        reject: false,
        stdin: 'ignore',
      });
      statuses.push(exitCode);
      if (shown.length === 0) expect(all, command).toBe('');
      expect(all, command).toMatch(new RegExp(shown.map(asPattern).join('[^]*?\\n *')));
      expect(all, command).not.toContain(owner.password);
    }
    expect(statuses).toEqual([0, 0, 0, 0, 1]);
    const written = await Promise.all(
      ['rehearsal.config.ts', '.gitignore'].map((file) => readFile(join(directory, file), 'utf8')),
    );
    expect(written.join('\n')).not.toContain(owner.password);
    expect(await readdir(join(directory, 'reports'))).toContain('index.html');
  }, 900_000);
});

function asPattern(line: string): string {
  return line
    .trim()
    .split('…')
    .map((part) =>
      part
        .trim()
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replace(/ +/g, ' +'),
    )
    .join('.*?');
}
