import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { copyArtifact, listNames, runJob, type JobEnd, type Pipeline } from '../fixtures/testing/pipelines.ts';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';

const read = (path: string) => readFile(new URL(`../deploy/${path}`, import.meta.url), 'utf8');

describe.skipIf(inject('skipped').local !== null)('two databases in two parts, of which one is red', () => {
  const live = useServer('local');

  async function makePipeline(names: [string, string]): Promise<Pipeline> {
    const directory = await makeWorkspace();
    const files = join(directory, 'files');
    await mkdir(files);
    for (const name of names) {
      const { user, password, ...rest } = await createTestDatabase(live(), name);
      await withClient({ ...rest, user, password }, (client) => client.query('create table t as select 1 as i'));
      await live().runTool({
        ...{ tool: 'pg_dump', args: ['--format=custom'], user, password, database: name, timeoutMs: 60_000 },
        consumeStdout: (source) => pipeline(source, createWriteStream(join(files, `${name}.dump`))),
      });
    }
    await truncate(join(files, `${names[1]}.dump`), 900);
    const databases = names.map((name) => ({ name, backup: `${name}.dump` }));
    const profile = { name: 'production', postgres: { engine: 'local' }, databases };
    await writeFile(join(files, 'rehearsal.config.ts'), `export default ${JSON.stringify(profile)};\n`);
    return { directory, files };
  }

  function expectNight(ends: JobEnd[], drills: [string, string], merging: string): void {
    const seen = ends.map(({ name, output }) => `${name}:\n${output}`).join('\n');
    const statuses = Object.fromEntries(ends.map(({ name, exitCode }) => [name, exitCode]));
    expect(drills.map((name) => statuses[name]).toSorted(), seen).toEqual([0, 1]);
    expect(statuses[merging], seen).toBe(1);
    expect(seen).toContain('1 of 2 databases verified');
  }

  test('a workflow of GitHub plans, rehearses its matrix and merges', { timeout: 300_000 }, async () => {
    const { jobs } = parse(await read('github/restore-drills.yml')) as { jobs: Record<string, GitHubJob> };
    const run = await makePipeline(['shop', 'mail']);
    const artifacts = join(run.directory, 'artifacts');
    await mkdir(artifacts);
    const ends: JobEnd[] = [];
    for (const [name, job] of Object.entries(jobs)) {
      const shards = job.strategy?.matrix.shard ?? [null];
      for (const shard of shards) {
        const fill = (text: string) =>
          text
            .replaceAll('${{ matrix.shard }}', String(shard))
            .replaceAll('${{ strategy.job-total }}', String(shards.length));
        const steps = (action: string) =>
          job.steps.filter(({ uses }) => uses?.startsWith(`actions/${action}-artifact@`));
        const lines = job.steps.flatMap((step) => step.run ?? []).map(fill);
        expect(lines.join()).not.toContain('${{');
        const id = shard === null ? name : `${name} ${shard}`;
        const end = await runJob(run, id, { lines, variables: {} }, async (checkout) => {
          for (const { with: given } of steps('download')) {
            const wanted = given?.['name'] === undefined ? await listNames(artifacts) : [given['name']];
            const to = join(checkout, given?.['path'] ?? '.');
            for (const each of wanted) await copyArtifact(join(artifacts, each), given?.['name'] ? to : join(to, each));
          }
        });
        ends.push(end);
        for (const { if: when, with: given } of steps('upload')) {
          if (end.exitCode !== 0 && when !== 'always()') continue;
          const path = join(end.checkout, given?.['path'] ?? '');
          const into = join(artifacts, fill(given?.['name'] ?? ''));
          const isFile = given?.['path']?.includes('.') === true;
          if (isFile) await mkdir(into);
          await copyArtifact(path, isFile ? join(into, given['path'] ?? '') : into);
        }
      }
    }
    expectNight(ends, ['drill 1', 'drill 2'], 'merge');
    expect(await listNames(artifacts)).toEqual(['evidence', 'part-1', 'part-2', 'plan']);
    expect(jobs['drill']?.strategy).toMatchObject({ 'fail-fast': false });
    expect(jobs['merge']).toMatchObject({
      needs: ['plan', 'drill'],
      if: expect.stringMatching(/^always\(\) && /) as string,
    });
  });

  test('a pipeline of GitLab plans, rehearses in parallel and merges', { timeout: 300_000 }, async () => {
    const all = parse(await read('gitlab/restore-drills.gitlab-ci.yml')) as Record<string, GitLabJob>;
    // What starts with a dot is a template.
    const jobs = Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith('.')));
    const run = await makePipeline(['bank', 'news']);
    const [ends, kept]: [JobEnd[], { from: string; path: string }[]] = [[], []];
    for (const [name, { parallel, script, artifacts }] of Object.entries(jobs)) {
      for (let index = 1; index <= (parallel ?? 1); index += 1) {
        const variables: Record<string, string> =
          parallel === undefined ? {} : { CI_NODE_INDEX: String(index), CI_NODE_TOTAL: String(parallel) };
        const id = parallel === undefined ? name : `${name} ${index}/${parallel}`.replace('/', ' of ');
        const end = await runJob(run, id, { lines: script, variables }, async (checkout) => {
          for (const { from, path } of kept) await copyArtifact(join(from, path), join(checkout, path));
        });
        ends.push(end);
        for (const path of artifacts.paths.map((each) =>
          each.replace('$CI_NODE_INDEX', String(index)).replace(/\/$/, ''),
        )) {
          const isKept = (end.exitCode === 0 || artifacts.when === 'always') && existsSync(join(end.checkout, path));
          if (isKept) kept.push({ from: end.checkout, path });
        }
      }
    }
    expectNight(ends, ['restore-drill 1 of 2', 'restore-drill 2 of 2'], 'restore-merge');
    expect(kept.map(({ path }) => path)).toEqual(['plan.json', 'part-1', 'part-2', 'reports']);
    expect(jobs['restore-merge']?.rules).toMatchObject([{ when: 'always' }]);
  });
});

interface GitHubJob {
  steps: { run?: string; uses?: string; if?: string; with?: Record<string, string> }[];
  strategy?: { 'fail-fast': boolean; matrix: { shard: number[] } };
}

interface GitLabJob {
  script: string[];
  parallel?: number;
  rules: unknown[];
  artifacts: { when?: string; paths: string[] };
}
