import { accessSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readOptions } from '../src/commands/read-options.ts';
import { rehearseCommand } from '../src/commands/rehearse.ts';

interface Step {
  run?: string;
  uses?: string;
  if?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}

interface Job {
  steps: Step[];
  'timeout-minutes': number;
  strategy?: { matrix: Record<string, unknown[]> };
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

describe.for(['restore-drill', 'ci'])('the workflow %s', (name) => {
  const workflow = parse(read(`.github/workflows/${name}.yml`)) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  test('runs only commands that there are', () => {
    const commands = steps.flatMap(({ run }) => run?.trim().split('\n') ?? []);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) assertCommandExists(command);
  });

  test('may read the repository and nothing else, and ends some time', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(workflow.jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
  });
});

test('the restore drill runs every night and by hand, and keeps its evidence whatever comes of it', () => {
  const { on, jobs } = parse(read('.github/workflows/restore-drill.yml')) as Workflow;
  const steps = jobs['rehearse']?.steps ?? [];
  expect(on).toMatchObject({ schedule: [{ cron: expect.stringMatching(/^\d+ \d+ \* \* \*$/) as string }] });
  expect(on).toHaveProperty('workflow_dispatch');
  expect(steps.some(({ run }) => run?.startsWith('npm run rehearse'))).toBe(true);
  const upload = steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact@'));
  expect(upload).toMatchObject({ if: 'always()', with: { path: 'reports/' } });
});

test('every night every test is run, in parts that are the whole', () => {
  expect(scripts['test:long']).toBe('REHEARSAL_LONG=1 vitest run --project tests');
  const { tests } = (parse(read('.github/workflows/restore-drill.yml')) as Workflow).jobs;
  const { shard: shards = [] } = tests?.strategy?.matrix ?? {};
  expect(shards).toEqual(shards.map((_, index) => `${index + 1}/${shards.length}`));
  expect(tests?.steps).toContainEqual({
    run: 'bash .ci/run --shard=${{ matrix.shard }}',
    env: { REHEARSAL_TESTS: 'test:long' },
  });
  expect(read('.ci/run')).toContain('npm run "${REHEARSAL_TESTS:-test}" -- "$@"');
});

test('a command that there is not would be noticed', () => {
  expect(() => {
    assertCommandExists('npm run reherse');
  }).toThrow();
  expect(() => {
    assertCommandExists('npm run rehearse -- --enigne docker');
  }).toThrow();
  expect(() => {
    assertCommandExists('bash .ci/runn');
  }).toThrow();
});

function assertCommandExists(command: string): void {
  const [program, ...words] = command.split(/\s+/);
  if (program === 'npm' && words[0] === 'ci') return;
  // The runner's own; what it cannot install ends the job.
  if (command.startsWith('sudo apt-get ')) return;
  if (program === 'npm' && words[0] === 'run') {
    const [, script = '', separator, ...flags] = words;
    expect(Object.keys(scripts)).toContain(script);
    if (script === 'rehearse' && separator === '--') readOptions(rehearseCommand, flags, {});
    return;
  }
  if (program === 'bash') {
    accessSync(fileURLToPath(new URL(`../${words[0] ?? ''}`, import.meta.url)));
    return;
  }
  throw new Error(`Nobody knows whether this command exists: ${command}`);
}

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}
