import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { getContainerRuntimeClient } from 'testcontainers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeEitherEngine } from '../fixtures/testing/engines.ts';
import { sampleProcesses, type Sample } from '../fixtures/testing/processes.ts';
import { makeProfile, respond } from '../fixtures/testing/profiles.ts';
import { runRehearse, type RehearseResult } from '../fixtures/testing/run-rehearse.ts';
import { sampleOf } from '../fixtures/testing/sample.ts';
import type { EngineName } from '../src/config/profile.ts';
import { directoryLabel } from '../src/engine/docker-client.ts';

const token = 'canary-secret-of-the-application';
const row = 'canary-of-a-row';
const shell = 'canary-of-the-shell';

const users = `
  create table users (telegram_user_id bigint primary key, created_at timestamptz not null, text text unique);
  insert into users values (1000001, '2026-01-01', '${row}');
`;
const printSecrets = `console.error('last words', JSON.stringify(process.env), process.env.API_TOKEN);`;
const healthy = `answer((url, query) => query('select 1').then(() => [200, {}], () => [503, {}]));`;
const crashing = `${printSecrets} process.exit(3);`;
const crashingTheSecondTime = `
  const marker = process.env.HOME + '/started-before';
  if (require('node:fs').existsSync(marker)) { ${crashing} }
  require('node:fs').writeFileSync(marker, '');
  const client = new Client(process.env.DATABASE_URL);
  client.on('error', () => process.exit(4));
  client.connect();
  ${healthy}`;

const runs: Run[] = [
  { name: 'is verified', exitCode: 0, says: 'verdict   verified' },
  {
    name: 'finds a value changed',
    args: ['fixtures/damaged/value-changed.rehearsal.ts'],
    exitCode: 1,
    says: 'CONTENT_MISMATCH',
  },
  {
    name: 'has a seed that breaks a unique constraint',
    seed: `insert into users values (1000002, now(), '${row}');`,
    exitCode: 2,
    says: 'duplicate key value violates unique constraint',
  },
  {
    name: 'has a seed with a value of the wrong type',
    seed: `insert into users values ('${row}', now(), '');`,
    exitCode: 2,
    says: 'invalid input syntax',
  },
  { name: 'has an application that prints its environment and ends', app: crashing, exitCode: 2, says: 'last words' },
  {
    name: 'has an application that does so after the restore',
    app: crashingTheSecondTime,
    exitCode: 1,
    says: 'last words',
  },
];

interface Run {
  name: string;
  args?: string[];
  /** What the seed does after it has stored the row. */
  seed?: string;
  /** The application's program. */
  app?: string;
  exitCode: number;
  /** Part of the output: it has come as far as it was meant to. */
  says: string;
}

describe.skipIf(process.platform !== 'linux')('where /proc tells what processes are given', () => {
  describeEitherEngine('secrets of a rehearsal', (engine) => {
    test.for(sampleOf(runs, ({ exitCode }) => exitCode))(
      'that $name are in no argument, output or evidence and only where they are needed',
      async (run) => {
        const { result, processes } = await watch(engine, run);

        expect(result.output).toContain(run.says);
        expect(result.exitCode).toBe(run.exitCode);

        const passwords = findPasswords(processes);
        expect(passwords.length).toBeGreaterThan(0);
        // At least one of the client programs was seen at work; on a busy machine, the shortest may be missed.
        const holders = programs(processes.filter(({ variables }) => variables.has('PGPASSWORD')));
        expect(holders.filter((program) => clients.test(program))).not.toEqual([]);
        const secrets = [...passwords, token, row, shell];
        expectNone(processes.map(({ command }) => command).join('\n'), [...secrets, '://[^/\\s]*:[^/\\s]+@']);
        expectNone(result.output, secrets);
        for (const text of await readReports(result)) expectNone(text, secrets);
        expectOnlyWhereNeeded(processes);
        if (run.args === undefined && run.seed === undefined) expectOwnVariables(processes);
      },
    );
  });
});

/** Programs that are given a password by libpq's variable, and those that replace themselves by one of them. */
const clients = /^(psql|pg_dump|pg_dumpall|pg_restore|pg_amcheck|unshare|setpriv)$/;
/** The harness itself: its processes of Node, and the compiler beside them. */
const harness = /^(\S*\/)?(node .*(scripts\/start\.mjs|restore-rehearsal\/\w+\/rehearsal-worker\.mjs)|esbuild )/;

function expectOnlyWhereNeeded(processes: Process[]): void {
  const holders = processes.filter(({ variables }) => variables.has('PGPASSWORD'));
  expect(programs(holders).filter((program) => !clients.test(program))).toEqual([]);
  const knowing = processes.filter(({ variables }) => [...variables.values()].includes(shell));
  expect(knowing.length).toBeGreaterThan(0);
  expect(knowing.map(({ command }) => command).filter((command) => !harness.test(command))).toEqual([]);
}

/** The application has been seen, and has what the profile gives it and nothing else. */
function expectOwnVariables(processes: Process[]): void {
  const applications = processes.filter(({ variables }) => variables.get('API_TOKEN') === token);
  expect(applications.length).toBeGreaterThan(0);
  for (const { variables } of applications) {
    expect([...variables.keys()].toSorted()).toEqual(['API_TOKEN', 'DATABASE_URL', 'HOME', 'PATH', 'PORT']);
  }
}

function expectNone(text: string, patterns: string[]): void {
  for (const pattern of patterns) expect(text).not.toMatch(new RegExp(pattern));
}

/** A process as it was seen at one moment. One that becomes another program is seen as two. */
interface Process {
  command: string;
  variables: Map<string, string>;
}

/** Rehearses, and looks all the time at every process of the rehearsal that this account can look into. */
async function watch(engine: EngineName, run: Run): Promise<{ result: RehearseResult; processes: Process[] }> {
  const profile = await makeSecretiveProfile(run);
  const seen = new Map<string, Process>();
  const over = new AbortController();
  onTestFinished(() => {
    over.abort();
  });
  const rehearsed = runRehearse({
    engine,
    args: [...(run.args ?? []), '--config', profile],
    env: { CANARY_OF_THE_SHELL: shell },
  }).finally(() => {
    over.abort();
  });
  const all = new Map<string, Sample>();
  const containers = new Set<string>();
  while (!over.signal.aborted) {
    if (engine === 'docker') for (const id of await listContainers()) containers.add(id);
    for (const sample of sampleProcesses())
      all.set(`${sample.group}\n${sample.command}\n${sample.environment}`, sample);
    await delay(5);
  }
  const result = await rehearsed;
  for (const [key, { command, environment, group }] of all) {
    const inContainer = [...containers].some(
      (id) => group.includes(id.slice(0, 64)) && id.slice(65).startsWith(result.temporaryDirectory),
    );
    if (!inContainer && !`${command}\n${environment}`.includes(result.temporaryDirectory)) continue;
    seen.set(key, { command, variables: parseVariables(environment) });
  }
  return { result, processes: [...seen.values()] };
}

async function makeSecretiveProfile({ seed = '', app = healthy }: Run): Promise<string> {
  // The function that gives the application its environment is written as a text by makeProfile: this one adds to it.
  const added = `
    import profile from './profile.mjs';
    const env = (database) => ({ ...profile.app.env(database), API_TOKEN: '${token}' });
    export default { ...profile, app: { ...profile.app, env } };`;
  const path = await makeProfile({ app: respond(app) }, { 'schema.sql': `${users}${seed}`, 'secretive.mjs': added });
  return join(dirname(path), 'secretive.mjs');
}

/** The containers of all rehearsals of now: id and private directory, with a blank between them. */
async function listContainers(): Promise<string[]> {
  const { container } = await getContainerRuntimeClient();
  const found = await container.dockerode.listContainers({ filters: { label: [directoryLabel] } });
  return found.map(({ Id, Labels }) => `${Id} ${Labels[directoryLabel] ?? ''}`);
}

/** A PostgreSQL server writes its title over its environment: what has no name and value is left out. */
function parseVariables(environment: string): Map<string, string> {
  const entries = environment.split('\0').flatMap((entry) => {
    const [, name, value] = /^(\w+)=([^]*)$/.exec(entry) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return new Map(entries);
}

function findPasswords(processes: Process[]): string[] {
  const found = processes.flatMap(({ variables }) => [
    variables.get('PGPASSWORD'),
    variables.get('POSTGRES_PASSWORD'),
    variables.has('DATABASE_URL') ? new URL(variables.get('DATABASE_URL') ?? '').password : undefined,
  ]);
  return [...new Set(found.filter((password) => password !== undefined && password !== ''))] as string[];
}

function programs(processes: Process[]): string[] {
  return processes.map(({ command }) => basename(command.split(' ')[0] ?? ''));
}

async function readReports({ reports }: RehearseResult): Promise<string[]> {
  const entries = await readdir(reports, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(0);
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')));
}
